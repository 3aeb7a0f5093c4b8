/** The pre-norm transformer block, from its parts. */
import * as tf from '@tensorflow/tfjs-core'
import { type AttentionShape, attention, attentionMap } from './attention'
import {
  below,
  type Context,
  contextWithin,
  evaluation,
  type Layer,
  scope,
  sequence,
  type Weights,
  weight,
  within,
} from './layer'
import { mlp } from './mlp'
import { layerNorm } from './norm'
import { contextAt, pick, type RowIndices } from './pick'
import { residual } from './residual'

/** Epsilon of the layer normalisations in a backbone, unless it is said otherwise; torch's own default, 1e-5, is used in the head. */
export const BACKBONE_EPS = 1e-6

export interface NormShape {
  /** Epsilon of the layer normalisations; 1e-6 by default. */
  readonly layerNormEps?: number | undefined
}
export const epsOf = ({ layerNormEps }: NormShape): number => layerNormEps ?? BACKBONE_EPS

/** LayerScale (arXiv 2103.17239): each feature times a learnt factor of this name that starts at `value`. */
const layerScale = (name: string, width: number, value: number): Layer => ({
  weights: { [name]: weight([width], { kind: 'constant', value }) },
  buffers: {},
  draws: {},
  apply: (weights, x) => tf.mul(x, weights(name)),
})

export interface BlockShape extends AttentionShape, NormShape {
  readonly mlpRatio: number
  /** Probability that a sample's branch is dropped. */
  readonly dropPath: number
  /** First value of LayerScale's factors; 0 for none. */
  readonly layerScale: number
}

/** [B, N, width] → [B, N, width]: x + attention(norm(x)), then x + mlp(norm(x)). */
export interface Block extends Layer {
  /** The output at some rows only: [B, N, width] → [R, width]. Only what mixes tokens is computed for all of them. */
  readonly at: (weights: Weights, x: tf.Tensor, rows: RowIndices, context: Context) => tf.Tensor2D
}

export const block = (shape: BlockShape): Block => {
  const { width } = shape
  const scaled = (name: string) => (shape.layerScale > 0 ? [layerScale(name, width, shape.layerScale)] : [])
  const norm = (name: string) => scope(name, layerNorm(width, epsOf(shape), { feedsProducts: true }))
  const { mix, output } = attention(shape)
  const mixing = sequence(norm('norm1'), scope('attn', mix))
  const projecting = sequence(scope('attn', output), ...scaled('gamma_1'))
  const second = sequence(
    norm('norm2'),
    scope('mlp', mlp(width, Math.floor(width * shape.mlpRatio), shape.dropout)),
    ...scaled('gamma_2'),
  )
  const { draws, add } = residual(shape.dropPath)
  const all = sequence(mixing, projecting, second)
  // A state dict lists a module's own parameters before those of its parts.
  const own = Object.fromEntries(Object.entries(all.weights).filter(([name]) => name.startsWith('gamma_')))
  /** From the input and the mixed tokens, of all rows or of some. */
  const finish = (weights: Weights, x: tf.Tensor, mixed: tf.Tensor, context: Context): tf.Tensor => {
    const y = add(x, projecting.apply(weights, mixed, context), contextWithin('attn.drop_path', context))
    return add(y, second.apply(weights, y, context), contextWithin('mlp.drop_path', context))
  }
  return {
    weights: { ...own, ...all.weights },
    buffers: {},
    draws: { ...all.draws, ...below('attn.drop_path', draws), ...below('mlp.drop_path', draws) },
    apply: (weights, x, context) => finish(weights, x, mixing.apply(weights, x, context), context),
    at: (weights, x, rows, context) => {
      const mixed = mixing.apply(weights, x, context)
      return finish(weights, pick(x, rows), pick(mixed, rows), contextAt(context, rows, x.shape[1]!)) as tf.Tensor2D
    },
  }
}

/** The attention that a block pays to its input: [B, heads, N, N]. */
export const blockAttention = (shape: BlockShape, weights: Weights, x: tf.Tensor): tf.Tensor =>
  attentionMap(
    shape,
    within('attn', weights),
    layerNorm(shape.width, epsOf(shape), { feedsProducts: true }).apply(within('norm1', weights), x, evaluation),
  )
