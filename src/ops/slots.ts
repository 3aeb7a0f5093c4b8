/** Where each stage belongs in the program, and what it means there. */
import type * as tf from '@tensorflow/tfjs-core'
import type { NetworkName } from '../base/networkName'
import type { Random } from '../base/random'
import { slot } from '../dsl/spec'
import type { Logger } from '../log/logger'
import type { Across } from '../nn/across'
import type { Architecture } from '../nn/architecture'
import type { Encoder } from '../nn/encoder'
import type { Head } from '../nn/head'
import type { WeightSpecs, Weights } from '../nn/layer'
import type { LayerOrder } from '../nn/layerOrder'
import type { Augmentation } from './augmentation/kind'
import type { Mask } from './mask/kind'
import type { Probe } from './probe/kind'
import type { Schedule, StepsOf } from './schedule/kind'
import type { OpenSource } from './source/kind'
import type { Logits } from './target/logits'

/** The value of a named schedule at the current step: a scalar, an input of the step. */
export type At = (name: string) => tf.Scalar
/** The schedules of a stage, by the names under which it asks for them. */
export type Schedules = Readonly<Record<string, Schedule>>
/** Numbers that tell how a training goes, by name; NaN where there is nothing to measure. Nothing depends on them. */
export type Monitors = Readonly<Record<string, tf.Scalar>>

/** Something that is computed from the pictures of a batch. */
export interface Divisible {
  /**
   * Whether a batch may be computed in shares of equally many pictures: what the shares give on their own has the right mean, and
   * whatever else goes over all pictures is taken `across` the shares. False by default: then a batch is computed as a whole.
   */
  readonly divisible?: boolean
}

// ------------------------------------------------------------------------------------------------------------ data

export const datasetSlot = slot<OpenSource>()('dataset')

export interface View {
  /** Global views are seen by both networks and masked for the student; local ones only by the student. */
  readonly kind: 'global' | 'local'
  readonly augment: Augmentation
  /** Where it stands in the document, below the stage. */
  readonly path: readonly (string | number)[]
}
export interface Views {
  /** Global ones first. */
  readonly views: readonly View[]
  /** One number a channel. */
  readonly mean: readonly number[]
  readonly std: readonly number[]
}
export const viewsSlot = slot<Views>()('views')
export const maskSlot = slot<Mask>()('masking')

/** Pictures of a batch that are mixed with one another before either network sees them, and their labels. */
/** Divisible where each picture meets only the one that is as far from the end of the batch as it is from the beginning: shares are made so that these two are together. */
export interface Mixing extends Divisible {
  /** The numbers that a step takes, drawn for a batch whose pictures are of this size. */
  readonly draw: (draw: Random, size: readonly [height: number, width: number]) => Readonly<Record<string, number>>
  /** One view of each picture, [B, H, W, C]. */
  readonly pictures: (images: tf.Tensor4D, at: At) => tf.Tensor4D
  /** The share of each class in a picture, [B, K]. */
  readonly labels: (labels: tf.Tensor2D, at: At) => tf.Tensor2D
}
export const mixingSlot = slot<Mixing>()('mixing')

// -------------------------------------------------------------------------------------------------------- networks

export interface BackboneInput {
  readonly channels: 1 | 3
  /** Side of the global views in pixels. */
  readonly size: number
}
export interface Backbone {
  /** Features of a token, which the head sees. */
  readonly width: number
  /** Pixels along a side of what one token of the output stands for: views must be a multiple of it. */
  readonly stride: number
  /** Whether a [CLS] token takes part in attention, the first of all tokens. */
  readonly hasCls: boolean
  /** In which layer each weight is; without it there is no layer-wise decay of the learning rate. */
  readonly layers?: LayerOrder | undefined
  /** Its weights that are tokens and their positions, from which an optimizer may keep weight decay away; none by default. */
  readonly embeddings?: readonly string[] | undefined
  /** What kind of network it is and how large: all that exports and others know of it. */
  readonly architecture: (input: BackboneInput) => Architecture
  readonly student: (input: BackboneInput) => Encoder
  /** The teacher's is the same network without what belongs to training only (drop path). */
  readonly teacher: (input: BackboneInput) => Encoder
}
export const backboneSlot = slot<Backbone>()('backbone')

export interface ProjectionHead {
  readonly student: (inputs: number) => Head
  /** The teacher's is the same without what belongs to training only (dropout). */
  readonly teacher: (inputs: number) => Head
  /** How many classes its logits are of, which a stage that gives `logits.class` must tell; the data must have as many. */
  readonly classes?: number | undefined
}
export const headSlot = slot<ProjectionHead>()('head')

export interface Teacher {
  readonly schedules: Schedules
  /** The new value of a teacher's weight from its old one and the student's new one. */
  readonly update: (teacher: tf.Tensor, student: tf.Tensor, at: At) => tf.Tensor
}
export const teacherSlot = slot<Teacher>()('teacher')

export interface InitialWeights {
  readonly file: string
  readonly network: NetworkName
}
export const initialWeightsSlot = slot<InitialWeights>()('initialWeights')

// ---------------------------------------------------------------------------------------------------------- losses

/** What the teacher gave for one batch; V global views, B images, N patches, K and K' prototypes. */
export interface TeacherOutputs {
  /** [V·B, K], view by view. */
  readonly cls: tf.Tensor2D
  /** Of all patches; needed are the rows [R, K'] of `StudentOutputs`. Only for losses that need `logits.patch`. */
  readonly patch: () => Logits
  /** Number of global views V. */
  readonly views: number
  /** Where they meet those of the batch's other shares. */
  readonly across: Across
}
/** What the student gave for one batch, with L local views besides. */
export interface StudentOutputs {
  /** One [B, K] a view, global ones first: the head's logits of what stands for the whole picture. */
  readonly cls: readonly tf.Tensor2D[]
  /** Of R tokens of global views, among them all that the student did not see. Only for losses that need `logits.patch`. */
  readonly patch: () => PatchOutputs
  /** The same tokens before the head, and what they stand for. Only for losses that need `tokens.patch`. */
  readonly pixels: () => PixelOutputs
  /** Where they meet those of the batch's other shares. */
  readonly across: Across
  /** [B, K], the share of each class in a picture: 1 of its own, unless pictures are mixed. Only for losses that need `labels`. */
  readonly labels: () => tf.Tensor2D
}
export interface PatchOutputs {
  /** [R, K'] */
  readonly logits: tf.Tensor2D
  /** What a token counts in the mean over the hidden patches of its view, then over all views: [R], 0 for other tokens. */
  readonly tokenWeights: tf.Tensor1D
}

export interface PixelOutputs {
  /** Tokens of the student's backbone: [R, width] */
  readonly tokens: tf.Tensor2D
  /** The whole views' pixels at those tokens, normalised as the student gets them: [R, stride² · C]; 0 for other tokens. */
  readonly pixels: tf.Tensor2D
  /** As in `PatchOutputs`. */
  readonly tokenWeights: tf.Tensor1D
}
/** What a token is, and what it stands for. */
export interface TokenShape {
  readonly width: number
  /** Pixels along a side. */
  readonly stride: number
  readonly channels: 1 | 3
}

interface EveryLoss extends Divisible {
  readonly schedules: Schedules
  /** Whether it compares views of a picture, so that there must be two of them; false by default. */
  readonly comparesViews?: boolean
  /** The names of all monitors that it gives; none by default. */
  readonly monitors?: readonly string[]
  /** Its own weights, by name, which are trained with the student's and belong to it alone. */
  readonly weights?: (of: TokenShape) => WeightSpecs
}

/** A loss whose targets the teacher sets, in two halves, so that no gradient can reach the teacher. Its stage needs `teacher`. */
export interface DistillationLoss extends EveryLoss {
  /** Its own state, by name, given the numbers of prototypes. */
  readonly state: (prototypes: { readonly cls: number; readonly patch: number }) => WeightSpecs
  /** The targets that the teacher sets, and the loss's own state after the step. */
  readonly teach: (
    teacher: TeacherOutputs,
    state: Weights,
    at: At,
  ) => { readonly target: tf.Tensor; readonly state: Readonly<Record<string, tf.Tensor>>; readonly monitors?: Monitors }
  /** How far the student is from them. */
  readonly learn: (target: tf.Tensor, student: StudentOutputs, at: At, weights: Weights) => tf.Scalar
  /** What is worth watching of both. */
  readonly monitor?: (target: tf.Tensor, student: StudentOutputs) => Monitors
}

/** A loss that takes nothing from a teacher. */
export interface StudentLoss extends EveryLoss {
  readonly teach?: undefined
  /** How far the student is from what it has to give. */
  readonly learn: (student: StudentOutputs, at: At, weights: Weights) => tf.Scalar
  /** What is worth watching of it. */
  readonly monitor?: (student: StudentOutputs) => Monitors
}

export type Loss = DistillationLoss | StudentLoss
export const lossSlot = slot<Loss>()('loss', true)

// ------------------------------------------------------------------------------------------------------- optimizer

export interface Optimizer {
  /** The one called `lr` is what `layerDecay` scales. */
  readonly schedules: Schedules
  /** Factor of the learning rate from each layer to the one below it; 1 by default. */
  readonly layerDecay?: number | undefined
  /** Whether tokens and positions of the backbone decay like its other weights; true by default. */
  readonly decayEmbeddings?: boolean | undefined
  /** Numbers that it needs at every step besides its schedules, computed on the host in double precision. */
  readonly host: (step: number, frozen: number) => Readonly<Record<string, number>>
  /** Steps during which the head's last layers are left alone. */
  readonly freezeLastLayer: StepsOf
  /** Its own state for one weight, by suffix. */
  readonly state: (weight: { readonly shape: readonly number[] }) => WeightSpecs
  /** One weight's step; `decays` says whether weight decay applies to it, `last` whether it belongs to a last layer. */
  readonly update: (
    weight: tf.Tensor,
    gradient: tf.Tensor,
    state: Weights,
    at: At,
    of: { readonly decays: boolean; readonly last: boolean },
  ) => { readonly weight: tf.Tensor; readonly state: Readonly<Record<string, tf.Tensor>> }
}
export const optimizerSlot = slot<Optimizer>()('optimizer')

// -------------------------------------------------------------------------------------------------------- the run

export interface Training {
  /** Images a step. */
  readonly batch: number
  /** Images that are computed at once; undefined for all of a batch. */
  readonly microBatch?: number | undefined
  /** Seconds after which a process that trains with others and gives no sign is taken for lost. */
  readonly timeout: number
  /** How long: passes over the data, or steps. */
  readonly length: { readonly epochs: number } | { readonly steps: number }
  readonly seed: number
  /** How often a picture comes in an epoch that sees it. */
  readonly repeatedAugmentation: number
  /** Of the products of matrices; all else is float32. */
  readonly precision: 'float32' | 'bfloat16'
  readonly device: 'auto' | 'cpu' | 'gpu' | 'tpu'
  /** How many devices of a machine compute a step together. */
  readonly devices: 'auto' | number
  /** What an alarm does. */
  readonly onCollapse: 'warn' | 'stop'
  /** Threads that make batches; 0: the main thread does. */
  readonly workers: 'auto' | number
  /** Share of the pictures of a source that may be damaged. */
  readonly maxBad: number
}
export const trainingSlot = slot<Training>()('training')

export interface Checkpoint {
  readonly every: StepsOf
  /** How many of the newest are kept. */
  readonly keep: number
  /** How long between two that are kept for good; undefined if none are. */
  readonly keepEvery: StepsOf | undefined
}
export const checkpointSlot = slot<Checkpoint>()('checkpoint')

export const probeSlot = slot<Probe>()('probe', true)

export const logSlot = slot<readonly Logger[]>()('log')
