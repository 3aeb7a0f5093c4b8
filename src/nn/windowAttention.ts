/** Multi-head self-attention within the windows of a map, of which every other block's are shifted (Swin, §3.2). */
import * as tf from '@tensorflow/tfjs-core'
import { headsOf, type ProjectionShape } from './attention'
import { type Heads, mergeHeads } from './heads'
import { type Layer, scope, type Weights, weight, within } from './layer'
import { affine, linear } from './linear'
import { relativeBias } from './relativePosition'
import { apartMask, mapOf, type Sides, windowsOf } from './window'

export interface WindowShape extends ProjectionShape {
  /** Side of a window in cells. */
  readonly window: number
  /** By how many cells the windows are moved; below `window`. */
  readonly shift: number
}

const TABLE = 'relative_position_bias_table'

/** softmax(q kᵀ · scale + bias) for a map of these sides: [heads, B · windows, N, N], rows sum to 1. */
const scores = ({ query, key }: Heads, bias: tf.Tensor3D, sides: Sides, { window, shift, heads }: WindowShape): tf.Tensor => {
  const cells = window ** 2
  const products = tf.matMul(query, key, false, true)
  const windows = products.shape[1]!
  if (shift === 0) return tf.softmax(tf.add(products, tf.expandDims(bias, 1)))
  // A picture's windows one below the other: each has a mask of its own, the same in all pictures.
  const apart = apartMask(sides, window, shift)
  const perPicture = apart.shape[0]
  const added = tf.reshape(tf.add(tf.expandDims(bias, 1), tf.expandDims(apart, 0)), [heads, 1, perPicture * cells, cells])
  const stacked = tf.reshape(products, [heads, windows / perPicture, perPicture * cells, cells])
  return tf.reshape(tf.softmax(tf.add(stacked, added)), [heads, windows, cells, cells])
}

const attended = (shape: WindowShape, weights: Weights, map: tf.Tensor4D) => {
  const [, height, width] = map.shape
  const windows = windowsOf(map, shape.window, shape.shift)
  const parts = headsOf(weights, windows, shape)
  const bias = relativeBias(weights(TABLE), shape.window)
  return { windows, value: parts.value, scores: scores(parts, bias, [height, width], shape) }
}

/** Map [B, H, W, width] → the same shape: each cell's mean of the values of its window, head by head, projected. */
export const windowAttention = (shape: WindowShape): Layer => {
  const { width, heads, window, shift } = shape
  return {
    weights: {
      [TABLE]: weight([(2 * window - 1) ** 2, heads], { kind: 'truncatedNormal', std: 0.02 }),
      ...scope('qkv', linear(width, 3 * width, { bias: shape.qkvBias })).weights,
      ...scope('proj', linear(width, width)).weights,
    },
    buffers: {},
    draws: {},
    apply: (weights, x) => {
      const map = x as tf.Tensor4D
      const { value, scores } = attended(shape, weights, map)
      const mixed = mergeHeads(tf.matMul(scores, value))
      const proj = within('proj', weights)
      return mapOf(affine(mixed, proj('weight'), proj('bias')) as tf.Tensor3D, [map.shape[1], map.shape[2]], window, shift)
    },
  }
}

/** The attention that `windowAttention` pays with the same weights: [B · windows, heads, N, N], picture by picture. */
export const windowAttentionMap = (shape: WindowShape, weights: Weights, map: tf.Tensor4D): tf.Tensor4D =>
  tf.transpose(attended(shape, weights, map).scores, [1, 0, 2, 3]) as tf.Tensor4D
