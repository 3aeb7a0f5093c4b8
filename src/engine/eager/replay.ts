/** A step run again, op by op: which operation is the first to give a non-finite number. */
import { dispose, tidy } from '../../nn/tidy'
import { namedBatch } from '../../program/batch'
import type { Program } from '../../program/program'
import { below } from '../../program/stateNames'
import type { HostBatch, InterpreterState } from '../interpreter'
import { uploadBatch, uploadNumbers, uploadState } from './upload'
import { type FirstNonFinite, watching } from './watch'

/** A step and all that it takes. */
export interface Step {
  readonly state: InterpreterState
  readonly batch: HostBatch
  readonly numbers: Readonly<Record<string, number>>
}

export interface Replayed {
  /** What of the state and the batch wasn't finite before the step, by name. */
  readonly given: readonly string[]
  /** The loss and its terms. */
  readonly metrics: Readonly<Record<string, number>>
  /** How many operations were run. */
  readonly operations: number
  /** The first operation that gave numbers that aren't finite; undefined if all were. */
  readonly first: FirstNonFinite | undefined
}

const arrays = ({ state, batch }: Step): Readonly<Record<string, Float32Array>> => ({
  ...state,
  ...below('batch', namedBatch(batch)),
})

/** Runs a step on the eager backend in use; `TooLong` is thrown after so many seconds. */
export const replay = (program: Program, step: Step, seconds: number): Replayed => {
  const given = Object.entries(arrays(step)).flatMap(([name, values]) => (values.every(Number.isFinite) ? [] : [name]))
  const state = uploadState(step.state, program)
  const names = new Map(Object.entries(state).map(([name, { id }]) => [id, name]))
  try {
    const { result, operations, first } = watching(
      () => tidy(() => program.step(state, uploadBatch(step.batch, program), uploadNumbers(step.numbers))),
      names,
      program.stageNow,
      seconds,
    )
    const metrics = Object.fromEntries(Object.entries(result.metrics).map(([name, tensor]) => [name, tensor.dataSync()[0]!]))
    dispose(result)
    return { given, metrics, operations, first }
  } finally {
    dispose(state)
  }
}
