import * as tf from '@tensorflow/tfjs-core'
import { columnSums } from './columnSums'
import { type Init, type Layer, type Save, weight } from './layer'

const OFFICIAL: Init = { kind: 'truncatedNormal', std: 0.02 }

/** x [M, in] · Wᵀ + b in one kernel; tfjs has it for [1, M, in] and [1, out, in]. */
const productPlus = (x: tf.Tensor2D, w: tf.Tensor2D, b: tf.Tensor): tf.Tensor2D => {
  const inputs = { a: tf.expandDims(x, 0), b: tf.expandDims(w, 0), bias: b }
  const attributes = { transposeA: false, transposeB: true, activation: 'linear', leakyreluAlpha: 0 }
  const y = tf.engine().runKernel('_FusedMatMul', inputs, attributes) as tf.Tensor
  return tf.reshape(y, [x.shape[0], w.shape[0]])
}

const withBias = tf.customGrad((x, w, b, save) => {
  const [input, matrix] = [x as tf.Tensor2D, w as tf.Tensor2D]
  ;(save as Save)([input, matrix])
  return {
    value: productPlus(input, matrix, b as tf.Tensor),
    gradFunc: (dy: tf.Tensor, saved: tf.Tensor[]) => {
      const [input, matrix] = saved as [tf.Tensor2D, tf.Tensor2D]
      return [tf.matMul(dy as tf.Tensor2D, matrix), tf.matMul(dy as tf.Tensor2D, input, true), columnSums(dy)]
    },
  }
})

/** x [M, in] · Wᵀ + b for W [out, in], as PyTorch stores it; x of any rank, applied to its last axis. */
export const affine = (x: tf.Tensor, w: tf.Tensor, b?: tf.Tensor): tf.Tensor => {
  const flat = tf.reshape(x, [-1, x.shape[x.rank - 1]!]) as tf.Tensor2D
  const y = b === undefined ? tf.matMul(flat, w as tf.Tensor2D, false, true) : withBias(flat, w, b)
  return tf.reshape(y, [...x.shape.slice(0, -1), w.shape[0]!])
}

/** torch.nn.Linear: [..., inputs] → [..., outputs]. Weight [outputs, inputs], truncated normal 0.02; bias zero. */
export const linear = (
  inputs: number,
  outputs: number,
  { bias = true, init = OFFICIAL }: { readonly bias?: boolean; readonly init?: Init } = {},
): Layer => ({
  weights: {
    weight: weight([outputs, inputs], init),
    ...(bias ? { bias: weight([outputs], { kind: 'zeros' }) } : {}),
  },
  buffers: {},
  draws: {},
  apply: (w, x) => affine(x, w('weight'), bias ? w('bias') : undefined),
})
