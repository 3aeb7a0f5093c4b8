/** Multi-head self-attention (arXiv 1706.03762, §3.2). */
import * as tf from '@tensorflow/tfjs-core'
import { dropout } from './dropout'
import { type Heads, mergeHeads, splitHeads } from './heads'
import { type Context, type Layer, scope, sequence, type Weights, within } from './layer'
import { affine, linear } from './linear'
import { attentionOf, scaledDotProductAttention } from './scaledDotProduct'

export interface ProjectionShape {
  readonly width: number
  readonly heads: number
  readonly qkvBias: boolean
  /** What q kᵀ is multiplied by; undefined for 1 / √(width / heads). */
  readonly qkScale: number | undefined
}

export interface AttentionShape extends ProjectionShape {
  /** Dropout of the output, and of the attention itself. */
  readonly dropout: number
  readonly attentionDropout: number
}

/** x [B, N, width] → queries, keys and values side by side, [B, N, 3 · width]. The rows of the projection are ordered q | k | v, then by head. */
const project = (weights: Weights, x: tf.Tensor, { qkvBias }: ProjectionShape): tf.Tensor => {
  const qkv = within('qkv', weights)
  return affine(x, qkv('weight'), qkvBias ? qkv('bias') : undefined)
}

const scaleOf = ({ width, heads, qkScale }: ProjectionShape): number => qkScale ?? (width / heads) ** -0.5

/** x [B, N, width] → its queries, keys and values. */
export const headsOf = (weights: Weights, x: tf.Tensor, shape: ProjectionShape): Heads =>
  splitHeads(project(weights, x, shape), shape.heads, scaleOf(shape))

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
        if (shape.attentionDropout === 0 || !context.training)
          return scaledDotProductAttention(project(weights, x, shape), heads, scaleOf(shape))
        const parts = headsOf(weights, x, shape)
        return mergeHeads(tf.matMul(attend.apply(weights, attentionOf(parts), headsFirst(context)), parts.value))
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
  tf.transpose(attentionOf(headsOf(weights, x, shape)), [1, 0, 2, 3])
