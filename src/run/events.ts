/** What a run tells while it goes, and what it ends with. */
import type { Backend } from '../engine/backends'
import type { Numbers } from '../ops/probe/metric'
import type { Metric } from '../program/metric'
import type { FetchEvent } from '../wheels/events'
import type { Alarm, AlarmName } from './alarms'

/** The answer of a run; also the last line of `ibot run --json`. */
export interface Summary {
  /** The run's folder. */
  readonly run: string
  /** Steps done in all. */
  readonly steps: number
  /** Seconds of training, probes not counted, since this process began. */
  readonly seconds: number
  /** Seconds of them during which a step waited for its batch. */
  readonly dataWait: number
  /** Pictures that couldn't be read since this process began; damaged.jsonl lists them. */
  readonly damaged: number
  /** Pictures (not views) a second of training. */
  readonly imagesPerSecond: number
  /** Mean over the last 50 steps. */
  readonly loss: number | null
  /** The same of each loss's own value, by its metric: `clsDistillation.loss`, … */
  readonly terms: Numbers
  /** What each probe measured, by its name. */
  readonly probes: Readonly<Record<string, ProbeSummary>>
  /** Alarms that were raised since this process began; alarms.jsonl tells more. */
  readonly alarms: readonly AlarmName[]
  /** SHA-256 of all tensors of the last state (student, teacher, moments, centres), one after another in the order of their names. */
  readonly sha256: string
}

/** Numbers by the names of a probe's metrics, without its own: `accuracy` is what metrics.jsonl calls `knn.accuracy`. */
export interface ProbeSummary {
  /** Before the first step, and after the last one. */
  readonly before: Numbers
  readonly after: Numbers
  /** What the probe compares them with, measured once: `pixels`. */
  readonly baseline: Numbers
}

/** What is told of a step. */
export interface StepReport {
  /** Steps done, from 1. */
  readonly step: number
  readonly epoch: number
  readonly loss: number
  /** Each loss's own value: `clsDistillation.loss`, … */
  readonly terms: Numbers
  /** How the training goes: `gradientNorm`, `clsDistillation.teacherEntropy`, …; without those that had nothing to measure. */
  readonly monitors: Numbers
  /** Schedule values: `adamw.lr`, `emaTeacher.momentum`, … */
  readonly numbers: Numbers
}

export type RunEvent =
  /** Something that takes long, or that should be known. */
  | FetchEvent
  | {
      readonly event: 'start'
      readonly run: string
      /** The command that goes on with the run. */
      readonly resume: string
      readonly backend: string
      /** Steps in all, and those already done when a run goes on. */
      readonly steps: number
      readonly from: number
      readonly stepsPerEpoch: number
      readonly batch: number
      readonly pictures: number
      /** Numbers that the optimizer moves. */
      readonly parameters: number
      /** All that the run measures, as its run.json says: how each number below is to be read. */
      readonly metrics: readonly Metric[]
    }
  /** How many pictures of a source were looked at, of how many, where `verifyData` asks for it. */
  | { readonly event: 'verify'; readonly source: string; readonly done: number; readonly total: number }
  | ({ readonly event: 'step'; readonly imagesPerSecond: number; readonly secondsLeft: number } & StepReport)
  | {
      readonly event: 'probe'
      /** Its name: `knn`. */
      readonly probe: string
      /** Steps done. */
      readonly step: number
      /** By the names of its metrics: `knn.accuracy`; with those of its baseline the first time. */
      readonly numbers: Numbers
      readonly seconds: number
    }
  /** The training has gone wrong, as far as its monitors tell; each alarm is raised once. */
  | ({ readonly event: 'alarm' } & Alarm)
  | { readonly event: 'checkpoint'; readonly step: number; readonly path: string }
  | ({ readonly event: 'end' } & Summary)

export interface RunOptions {
  /** Folder of the run; by default `runs/NAME`, numbered where that exists. A folder that isn't empty is refused. */
  readonly out?: string | undefined
  /** Folder of a run to go on with. */
  readonly resume?: string | undefined
  /** By default TensorFlow where it can be had, else WebAssembly. */
  readonly backend?: Backend | undefined
  /** Whether TensorFlow's library may be fetched; true by default. */
  readonly download?: boolean | undefined
  /**
   * Whether what every picture holds is hashed: recorded when a run begins, and compared when it goes on, where pictures that changed
   * are a failure which names them; false by default.
   */
  readonly verifyData?: boolean | undefined
  /** The pipeline's text as it was given, which is kept in the run's folder. */
  readonly given?: string | undefined
  readonly onEvent?: ((event: RunEvent) => void) | undefined
  /** Asks the run to save and stop after the step it is in; its reason is the signal's name. */
  readonly signal?: AbortSignal | undefined
  /** Asked after every step: whether to save now, though no checkpoint is due. */
  readonly saveNow?: (() => boolean) | undefined
}
