/** Student and teacher: a backbone and a head each, and how they read the state during a pass. */
import type * as tf from '@tensorflow/tfjs-core'
import type { NetworkName } from '../base/networkName'
import type { Architecture } from '../nn/architecture'
import type { Encoder } from '../nn/encoder'
import type { Head } from '../nn/head'
import type { Context, DrawSpecs, WeightSpecs, Weights } from '../nn/layer'
import { pick, type RowIndices } from '../nn/pick'
import type { Design } from './design'
import { lossesOf } from './losses'
import { BACKBONE, below, HEAD, type Tensors } from './stateNames'

export interface Network {
  readonly backbone: Encoder
  readonly head: Head
  /** By the names of the official checkpoint: `backbone.…`, `head.…`; a student's with those of losses, `pixelReconstruction.…`. */
  readonly weights: WeightSpecs
  readonly buffers: WeightSpecs
}

const network = (backbone: Encoder, embeddings: WeightSpecs, head: Head, own: WeightSpecs = {}): Network => ({
  backbone,
  head,
  weights: { ...below(BACKBONE, embeddings), ...below(HEAD, head.weights), ...own },
  buffers: below(HEAD, head.buffers),
})

const whole = (backbone: Encoder, head: Head): Network => network(backbone, backbone.weights, head)

/** A network, and the name below which its weights are in the state. */
export interface NamedNetwork {
  readonly which: NetworkName
  readonly network: Network
}

export interface Networks {
  readonly student: Network
  readonly teacher: Network | undefined
}

/** The network that is measured and exported: the teacher where there is one, else the student. */
export const frozenNetwork = ({ teacher }: { readonly teacher: unknown }): NetworkName =>
  teacher === undefined ? 'student' : 'teacher'

/** The networks of a design, for pictures of so many channels. Only a student that is masked has a mask embedding. */
export const networksOf = (design: Design, channels: 1 | 3): Networks => {
  const { backbone, head, masking, sizes } = design
  const input = { channels, size: sizes[0]![0] }
  const student = backbone.meaning.student(input)
  const { width, stride } = backbone.meaning
  const own = lossesOf(design.losses).weights({ width, stride, channels })
  return {
    student: network(student, masking === undefined ? student.weights : student.maskedWeights, head.meaning.student(width), own),
    teacher: design.teacher && whole(backbone.meaning.teacher(input), head.meaning.teacher(width)),
  }
}

/** All that a network draws in training, by name. */
export const drawsOf = ({ backbone, head }: Network): DrawSpecs => ({ ...backbone.draws, ...below(HEAD, head.draws ?? {}) })

/** The images that a design's networks take: [height, width] in pixels, and how they are normalised. */
export const imagesOf = ({ views: { meaning }, sizes }: Design) => ({ size: sizes[0]!, mean: meaning.mean, std: meaning.std })

/** The weights of its networks that belong to the classes of the data, by their names in a network. */
export const ofClasses = ({ backbone, head }: Design): readonly string[] =>
  (head.meaning.student(backbone.meaning.width).ofClasses ?? []).map((name) => `${HEAD}.${name}`)

/** What kind of network its backbone is. */
export const architectureOf = ({ backbone, views: { meaning }, sizes }: Design): Architecture =>
  // A pipeline's numbers are checked against its data's channels when it runs.
  backbone.meaning.architecture({ channels: meaning.mean.length as 1 | 3, size: sizes[0]![0] })

/** Reads the state of one network during a pass, and keeps its new buffers: they are read as they were last updated. */
export interface Memory {
  readonly updates: Readonly<Record<string, tf.Tensor>>
  readonly part: (name: string) => Weights
  readonly update: Context['update']
}

/** `weights` take the place of those in the state: a gradient is taken by them. */
export const memory = (prefix: string, state: Tensors, weights: Tensors = {}): Memory => {
  const updates: Record<string, tf.Tensor> = {}
  const read: Weights = (name) => {
    const full = `${prefix}.${name}`
    const value = updates[full] ?? weights[name] ?? state[full]
    if (value === undefined) throw new RangeError(`the state has no ${full}`)
    return value
  }
  return {
    updates,
    part:
      (name: string): Weights =>
      (inner) =>
        read(`${name}.${inner}`),
    update: (name, value) => {
      updates[`${prefix}.${HEAD}.${name}`] = value
    },
  }
}

/** A network's head after a pass: embeddings of the tokens, and the last layers, which make logits of them. */
export interface Pass {
  /** Rows [R, features]: all tokens, or those that were asked for. */
  readonly embedded: tf.Tensor2D
  /** The backbone's tokens, [B, 1 + N, width] or [R, width], which the head embeds. */
  readonly tokens: tf.Tensor
  readonly last: ReturnType<Head['lastLayer']>
}

/** Images [B, H, W, C] through backbone and head; of all tokens, or of some rows of them only. */
export const forward = (
  { backbone, head }: Network,
  memo: Memory,
  images: tf.Tensor4D,
  mask: tf.Tensor | undefined,
  rows: RowIndices | undefined,
  context: Context,
): Pass => {
  const weights = memo.part(BACKBONE)
  const whole = rows === undefined || head.needsAllTokens
  const { keep } = context.across
  const tokens = whole
    ? keep(backbone.tokens(weights, images, mask, context))
    : keep(backbone.tokensAt(weights, images, mask, rows, context))
  const all = head.embed(memo.part(HEAD), tokens, context)
  const ofHead: Context = { ...context, draws: (name) => context.draws(`${HEAD}.${name}`) }
  return { tokens, embedded: whole ? pick(all, rows) : (all as tf.Tensor2D), last: head.lastLayer(memo.part(HEAD), ofHead) }
}
