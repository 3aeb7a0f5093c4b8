/** Probes: what the features of a frozen network are good for, measured on pictures as the training goes. */
import type { Picture } from '../../image/picture'
import type { Nearest } from '../../metric/neighbours'
import type { HostTensors, TensorFunction } from '../../nn/tensorFunction'
import type { Augmentation } from '../augmentation/kind'
import type { StepsOf } from '../schedule/kind'
import type { OpenSource } from '../source/kind'
import type { Numbers, ProbeMetrics } from './metric'

export type { Numbers, ProbeMetric } from './metric'

/** Rows of features: [rows, width]. */
export interface FeatureMatrix {
  readonly values: Float32Array
  readonly width: number
}

/** Which of a network's features make a picture's row, one after the other in this order. */
export interface FeatureChoice {
  /** [CLS] tokens of so many of the last blocks, the oldest first; 1 for the network's own output. */
  readonly cls: number
  /** Whether the mean of the patches' tokens of the last block is among them. */
  readonly mean: boolean
  /** Whether the logits of the network's own classifier are, one for each class of the pipeline's pictures; by default they are not. */
  readonly logits?: boolean
}

/** The [CLS] token, the mean of the patches' tokens, or one after the other: the choices of most probes, by their names. */
export const FEATURES = {
  cls: { cls: 1, mean: false },
  mean: { cls: 0, mean: true },
  both: { cls: 1, mean: true },
} as const satisfies Readonly<Record<string, FeatureChoice>>

/** Pictures that a probe asks for. */
export interface ProbeSet {
  /** By default the pipeline's own pictures, without the augmentations of the views. */
  readonly source?: OpenSource
  /** How many of them at most: drawn once, by the run's seed. By default all. */
  readonly count?: number
  /**
   * Whether every picture needs a label. All sets of a probe number classes as the first labelled one does, by their
   * names; the others may lack some of its classes, but have no other.
   */
  readonly labels: boolean
}

/** Pictures that a probe asks for again and again, each time under other augmentations: as a classifier is trained on them. */
export interface AugmentedSet extends ProbeSet {
  /** What is done to each picture, the field of that name: it must make pictures of the size of all others. Drawn by seed, epoch and picture. */
  readonly augment: Augmentation
}

/** What is known of a set before its pictures are read. */
export interface SetFacts {
  /** Pictures that are taken. */
  readonly count: number
  /** By their numbers; empty for a set that asks for no labels. */
  readonly classes: readonly string[]
}

/** Why something can't be measured, and what to do about it. */
export interface Refusal {
  readonly message: string
  readonly remedy: string
}

/** A set as rows of features, one a picture, without the pictures that can't be read. */
export interface Features extends FeatureMatrix {
  /**
   * How wide each part of a row is, in the order of the choice: blocks of different stages differ. Absent where all are of one
   * width.
   */
  readonly parts?: readonly number[]
  /** The class of each row, by its place in `classes`; empty for a set that asks for no labels. */
  readonly labels: Uint32Array
  readonly classes: readonly string[]
}

/** What a probe may use besides the features. `A` are the names of its augmented sets. */
export interface ProbeTools<A extends string = string> {
  /** Reads an augmented set once more, as augmented in an epoch: as costly as a pass of its pictures through the network is. */
  readonly augmented: (set: A, epoch: number) => Promise<Features>
  /**
   * A function of tensors, ready to run on whatever computes the training; what is `held` stays there from run to run. It is
   * freed when the probe has measured.
   */
  readonly prepare: (
    f: TensorFunction,
    held?: HostTensors,
  ) => {
    readonly run: (inputs: HostTensors, wanted?: readonly string[]) => Promise<HostTensors>
  }
  /** The run's seed: what a probe draws, it draws by it. */
  readonly seed: number
  /**
   * Finds the rows of a bank that are most similar to queries by their products, on whatever computes the training: of rows of a width, both given to
   * each call, `await nearest(width)(bank, queries, k)`. It holds none of them: a large bank is given some thousand rows at a time, and the best
   * of each query are merged.
   */
  readonly nearest: (width: number) => Nearest
}

/** Numbers that come of test pictures, one row each: so it can be told how far they would differ with others of the kind. */
export interface Sampled {
  /** Rows. */
  readonly count: number
  /** The numbers of some rows, any of which may be among them several times. */
  readonly of: (rows: Uint32Array) => Numbers
}

/** From features to numbers, or to how these come of the test pictures. */
type Measure<S extends string, A extends string> = (
  sets: Readonly<Record<S, Features>>,
  tools: ProbeTools<A>,
) => Promise<Numbers | Sampled>

/** The share of rows that count as hits. */
export const shareOf = (hits: ArrayLike<number>, rows: Uint32Array): number => {
  let sum = 0
  for (const row of rows) sum += hits[row]!
  return sum / rows.length
}

/** What is measured once in a run, of rows that nothing had to learn: what the features are to be better than. */
export interface Baseline<S extends string = string, A extends string = string> {
  readonly metrics: ProbeMetrics
  /** Prepared pictures as rows, one a picture. */
  readonly rows: (pictures: readonly Picture[]) => FeatureMatrix
  readonly measure: Measure<S, A>
}

/**
 * A probe: it says which pictures it needs and which features of them, and measures numbers of these. It changes nothing
 * of the training. Probes of one run that name the same pictures, prepared alike, share one pass over them.
 */
export interface Probe<S extends string = string, A extends string = string> {
  /** How long between two measurements; undefined: before and after the training only. */
  readonly every: StepsOf | undefined
  /** By name. A set with a source of its own has the name of the field that holds it, `test` say: messages show that place. */
  readonly sets: Readonly<Record<S, ProbeSet>>
  /** Those that it asks for by `tools.augmented`, each time that it wants them; their classes come before those of `sets`. */
  readonly augmented?: Readonly<Record<A, AugmentedSet>>
  readonly features: FeatureChoice
  /**
   * What is done to each picture first, the field of that name: it must make pictures of one size. By default their
   * shorter side is resized to 8/7 of the global views and the middle cut out, unless they have their size already.
   */
  readonly prepare: Augmentation | undefined
  /** What it measures, by name: `accuracy` of a probe `knn` is told as `knn.accuracy`. */
  readonly metrics: ProbeMetrics
  /** Why the sets, once they are open, are nothing to measure, and what to do; undefined if they are. By default it asks nothing of them. */
  readonly refuse?: (sets: Readonly<Record<S | A, SetFacts>>) => Refusal | undefined
  readonly measure: Measure<S, A>
  readonly baseline?: Baseline<S, A>
}

/** A probe, whatever its sets are called. */
export const probe = <S extends string, A extends string = never>(of: Probe<S, A>): Probe => of as unknown as Probe
