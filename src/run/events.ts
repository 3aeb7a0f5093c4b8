/** What a run tells while it goes, and what it ends with. */
import type { Backend } from '../engine/engines'
import type { FetchEvent } from '../tensorflow/library/events'
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
  /** Means over the last 50 steps; a term that the pipeline doesn't have is null. */
  readonly loss: number | null
  readonly cls: number | null
  readonly mim: number | null
  /** Share of the test pictures that the frozen network's features classify right, in [0, 1], and that the pixels themselves do; null without a probe. */
  readonly knn: { readonly before: number; readonly after: number; readonly pixels: number } | null
  /** Alarms that were raised since this process began; alarms.jsonl tells more. */
  readonly alarms: readonly AlarmName[]
  /** SHA-256 of all tensors of the last state (student, teacher, moments, centres), one after another in the order of their names. */
  readonly sha256: string
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
    }
  | {
      readonly event: 'step'
      /** Steps done, from 1. */
      readonly step: number
      readonly epoch: number
      readonly loss: number
      /** Each loss's own term: `cls`, `mim`. */
      readonly terms: Readonly<Record<string, number>>
      /** How the training goes: `gradientNorm`, `cls.teacherEntropy`, …; without those that had nothing to measure. */
      readonly monitors: Readonly<Record<string, number>>
      /** Schedule values: `adamw.lr`, `emaTeacher.momentum`, … */
      readonly numbers: Readonly<Record<string, number>>
      readonly imagesPerSecond: number
      readonly secondsLeft: number
    }
  | {
      readonly event: 'probe'
      readonly probe: 'knn'
      readonly step: number
      /** In [0, 1]. */
      readonly accuracy: number
      /** That of the pixels themselves, with the first probe of a run. */
      readonly pixels?: number
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
  /** The pipeline's text as it was given, which is kept in the run's folder. */
  readonly given?: string | undefined
  readonly onEvent?: ((event: RunEvent) => void) | undefined
  /** Asks the run to save and stop after the step it is in; its reason is the signal's name. */
  readonly signal?: AbortSignal | undefined
  /** Asked after every step: whether to save now, though no checkpoint is due. */
  readonly saveNow?: (() => boolean) | undefined
}
