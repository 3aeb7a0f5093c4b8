/** The parts of a stage of a Swin transformer: its block, and what halves the map between two stages. */
import * as tf from '@tensorflow/tfjs-core'
import { BACKBONE_EPS, epsOf, type NormShape } from './block'
import { below, contextWithin, evaluation, type Layer, scope, sequence, type Weights, within } from './layer'
import { linear } from './linear'
import { mlp } from './mlp'
import { layerNorm } from './norm'
import { residual } from './residual'
import { type WindowShape, windowAttention, windowAttentionMap } from './windowAttention'

export interface SwinBlockShape extends WindowShape, NormShape {
  readonly mlpRatio: number
  /** Probability that a sample's branch is dropped. */
  readonly dropPath: number
}

/** Map [B, H, W, width] → the same shape: x + attention within windows(norm(x)), then x + mlp(norm(x)). */
export const swinBlock = (shape: SwinBlockShape): Layer => {
  const { width } = shape
  const norm = (name: string) => scope(name, layerNorm(width, epsOf(shape), { feedsProducts: true }))
  const first = sequence(norm('norm1'), scope('attn', windowAttention(shape)))
  const second = sequence(norm('norm2'), scope('mlp', mlp(width, Math.floor(width * shape.mlpRatio))))
  const { draws, add } = residual(shape.dropPath)
  const all = sequence(first, second)
  return {
    ...all,
    draws: { ...all.draws, ...below('attn.drop_path', draws), ...below('mlp.drop_path', draws) },
    apply: (weights, x, context) => {
      const y = add(x, first.apply(weights, x, context), contextWithin('attn.drop_path', context))
      return add(y, second.apply(weights, y, context), contextWithin('mlp.drop_path', context))
    },
  }
}

/** The attention that a block pays to its input: [B · windows, heads, N, N]. */
export const swinBlockAttention = (shape: SwinBlockShape, weights: Weights, x: tf.Tensor): tf.Tensor4D =>
  windowAttentionMap(
    shape,
    within('attn', weights),
    layerNorm(shape.width, epsOf(shape), { feedsProducts: true }).apply(within('norm1', weights), x, evaluation) as tf.Tensor4D,
  )

/**
 * Map [B, H, W, width] → [B, ⌈H/2⌉, ⌈W/2⌉, 2 width]: the four cells of a square side by side, column by column, normalised and
 * projected. An odd side gets zeros first.
 */
export const patchMerging = (width: number, eps = BACKBONE_EPS): Layer => {
  const reduction = scope('reduction', linear(4 * width, 2 * width, { bias: false }))
  const norm = scope('norm', layerNorm(4 * width, eps, { feedsProducts: true }))
  return {
    weights: { ...reduction.weights, ...norm.weights },
    buffers: {},
    draws: {},
    apply: (weights, x, context) => {
      const [batch, height, breadth] = x.shape as [number, number, number, number]
      const [rows, columns] = [Math.ceil(height / 2), Math.ceil(breadth / 2)]
      const even = height % 2 === 0 && breadth % 2 === 0
      const whole = even
        ? x
        : tf.pad(x, [
            [0, 0],
            [0, 2 * rows - height],
            [0, 2 * columns - breadth],
            [0, 0],
          ])
      // Two rows → for each column its two cells, so that two columns make a square.
      const pairs = tf.transpose(tf.reshape(whole, [batch * rows, 2, 2 * columns, width]), [0, 2, 1, 3])
      const squares = tf.reshape(pairs, [batch, rows, columns, 4 * width])
      return reduction.apply(weights, norm.apply(weights, squares, context), context)
    },
  }
}
