/** What is told of a step: its losses, how the training goes, and the schedules' values. */
import type { Numbers } from '../ops/probe/metric'
import type { Program } from '../program/program'
import type { StepReport } from './events'
import { monitorsOf } from './runMonitors'

/** A step that is done. */
export interface DoneStep {
  /** Steps done, from 1. */
  readonly done: number
  readonly stepsPerEpoch: number
  /** What the step took, and what it reported. */
  readonly numbers: Numbers
  readonly metrics: Numbers
  /** Monitors that are measured outside of it. */
  readonly monitors: Numbers
}

const picked = (values: Numbers, names: readonly string[]): Numbers =>
  Object.fromEntries(names.map((name) => [name, values[name]!]))

export const stepReport = (
  { terms, schedules }: Pick<Program, 'terms' | 'schedules'>,
  { done, stepsPerEpoch, numbers, metrics, monitors }: DoneStep,
): StepReport => ({
  step: done,
  epoch: Math.floor((done - 1) / stepsPerEpoch),
  loss: metrics.loss!,
  terms: picked(metrics, terms),
  monitors: { ...monitorsOf(metrics, terms), ...monitors },
  numbers: picked(numbers, schedules),
})

/** Which of the losses and of the gradients' norm that a step reported aren't finite; undefined if all are. */
export const nonFiniteIn = ({ terms }: Pick<Program, 'terms'>, metrics: Numbers): Numbers | undefined => {
  const looked = ['loss', ...terms, 'gradientNorm'].filter((name) => name in metrics && !Number.isFinite(metrics[name]))
  return looked.length === 0 ? undefined : picked(metrics, looked)
}

/** Its line in metrics.jsonl, after so many seconds of training. */
export const metricsLine = ({ step, epoch, loss, terms, monitors, numbers }: StepReport, seconds: number) => ({
  ...{ step, epoch, loss },
  ...terms,
  ...monitors,
  ...numbers,
  seconds,
})
