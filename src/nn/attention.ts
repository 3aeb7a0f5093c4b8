/** Multi-head self-attention (arXiv 1706.03762, §3.2). */
import * as tf from '@tensorflow/tfjs-core'
import { dropout } from './dropout'
import { type Context, type Layer, scope, sequence, type Weights, within } from './layer'
import { affine, linear } from './linear'

export interface AttentionShape {
  readonly width: number
  readonly heads: number
  readonly qkvBias: boolean
  /** What q kᵀ is multiplied by; undefined for 1 / √(width / heads). */
  readonly qkScale: number | undefined
  /** Dropout of the output, and of the attention itself. */
  readonly dropout: number
  readonly attentionDropout: number
}

/** One matrix a head and picture; heads come first, which makes the parts of a projection stand one after the other. */
export interface Heads {
  /** [heads, B, N, width / heads], multiplied by the scale of the scores. */
  readonly query: tf.Tensor
  readonly key: tf.Tensor
  readonly value: tf.Tensor
}

/** x [B, N, width] → queries, keys and values. The rows of the projection are ordered q | k | v, then by head. */
export const project = (
  weights: Weights,
  x: tf.Tensor,
  { width, heads, qkvBias, qkScale }: Pick<AttentionShape, 'width' | 'heads' | 'qkvBias' | 'qkScale'>,
): Heads => {
  const [batch, tokens] = x.shape as [number, number, number]
  const qkv = within('qkv', weights)
  const projected = affine(x, qkv('weight'), qkvBias ? qkv('bias') : undefined)
  // One exchange of axes for all three, and of rank 4: of rank 5, WebAssembly takes fifty times as long.
  const byHead = tf.transpose(tf.reshape(projected, [batch, tokens, 3 * heads, width / heads]), [2, 0, 1, 3])
  const [query, key, value] = tf.split(byHead, 3) as [tf.Tensor, tf.Tensor, tf.Tensor]
  // Queries are fewer numbers than scores.
  return { query: tf.mul(query, qkScale ?? (width / heads) ** -0.5), key, value }
}

/** softmax(q kᵀ · scale): [heads, B, N, N], rows sum to 1. */
const scores = ({ query, key }: Heads): tf.Tensor => tf.softmax(tf.matMul(query, key, false, true))

/** The context of the attention's dropout: its draws [B, heads, N, N] with the heads first. */
const headsFirst = (context: Context): Context => ({
  ...context,
  draws: (name) => tf.transpose(context.draws(name), [1, 0, 2, 3]),
})

/** Attention as two layers: what mixes tokens, and what is done to each token by itself. */
export interface Attention {
  /** [B, N, width] → [B, N, width]: every token's mean of the values, head by head. */
  readonly mix: Layer
  /** [..., width] → [..., width]: the output projection. */
  readonly output: Layer
}

export const attention = (shape: AttentionShape): Attention => {
  const { width, heads } = shape
  const attend = scope(
    'attn_drop',
    dropout(shape.attentionDropout, (batch, tokens) => [batch, heads, tokens, tokens]),
  )
  return {
    mix: {
      weights: scope('qkv', linear(width, 3 * width, { bias: shape.qkvBias })).weights,
      buffers: {},
      draws: attend.draws,
      apply: (weights, x, context) => {
        const parts = project(weights, x, shape)
        const paid = attend.apply(weights, scores(parts), headsFirst(context))
        return tf.reshape(tf.transpose(tf.matMul(paid, parts.value), [1, 2, 0, 3]), x.shape)
      },
    },
    output: sequence(
      scope('proj', linear(width, width)),
      scope(
        'proj_drop',
        dropout(shape.dropout, (batch, tokens) => [batch, tokens, width]),
      ),
    ),
  }
}

/** The attention that `attention` pays with the same weights: [B, heads, N, N]. */
export const attentionMap = (shape: AttentionShape, weights: Weights, x: tf.Tensor): tf.Tensor =>
  tf.transpose(scores(project(weights, x, shape)), [1, 0, 2, 3])
