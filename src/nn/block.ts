/** The pre-norm transformer block, from its parts. */
import * as tf from '@tensorflow/tfjs-core'
import { activation } from './activation'
import { type AttentionShape, attention, attentionMap } from './attention'
import { dropout, dropPath } from './dropout'
import { evaluation, type Layer, scope, sequence, type Weights, weight, within } from './layer'
import { linear } from './linear'
import { layerNorm } from './norm'

/** Epsilon of the layer normalisations in a backbone; torch's own default, 1e-5, is used in the head only. */
export const BACKBONE_EPS = 1e-6

/** LayerScale (arXiv 2103.17239): each feature times a learnt factor of this name that starts at `value`. */
const layerScale = (name: string, width: number, value: number): Layer => ({
  weights: { [name]: weight([width], { kind: 'constant', value }) },
  buffers: {},
  draws: {},
  apply: (weights, x) => tf.mul(x, weights(name)),
})

/** x + branch(x). */
export const residual = (branch: Layer): Layer => ({
  ...branch,
  apply: (weights, x, context) => tf.add(x, branch.apply(weights, x, context)),
})

/** linear, GELU, linear: [..., width] → [..., width] through `hidden` features. */
const mlp = (width: number, hidden: number, rate: number): Layer =>
  sequence(
    scope('fc1', linear(width, hidden)),
    activation('gelu'),
    scope(
      'drop1',
      dropout(rate, (batch, tokens) => [batch, tokens, hidden]),
    ),
    scope('fc2', linear(hidden, width)),
    scope(
      'drop2',
      dropout(rate, (batch, tokens) => [batch, tokens, width]),
    ),
  )

export interface BlockShape extends AttentionShape {
  readonly mlpRatio: number
  /** Probability that a sample's branch is dropped. */
  readonly dropPath: number
  /** First value of LayerScale's factors; 0 for none. */
  readonly layerScale: number
}

/** [B, N, width] → [B, N, width]: x + attention(norm(x)), then x + mlp(norm(x)). */
export const block = (shape: BlockShape): Layer => {
  const { width } = shape
  const scaled = (name: string) => (shape.layerScale > 0 ? [layerScale(name, width, shape.layerScale)] : [])
  const branch = (norm: string, name: string, inner: Layer, gain: string): Layer =>
    residual(
      sequence(
        scope(norm, layerNorm(width, BACKBONE_EPS)),
        scope(name, inner),
        ...scaled(gain),
        scope(`${name}.drop_path`, dropPath(shape.dropPath)),
      ),
    )
  const both = sequence(
    branch('norm1', 'attn', attention(shape), 'gamma_1'),
    branch('norm2', 'mlp', mlp(width, Math.floor(width * shape.mlpRatio), shape.dropout), 'gamma_2'),
  )
  // A state dict lists a module's own parameters before those of its parts.
  const own = Object.fromEntries(Object.entries(both.weights).filter(([name]) => name.startsWith('gamma_')))
  return { ...both, weights: { ...own, ...both.weights } }
}

/** The attention that a block pays to its input: [B, heads, N, N]. */
export const blockAttention = (shape: BlockShape, weights: Weights, x: tf.Tensor): tf.Tensor =>
  attentionMap(
    shape,
    within('attn', weights),
    layerNorm(shape.width, BACKBONE_EPS).apply(within('norm1', weights), x, evaluation),
  )
