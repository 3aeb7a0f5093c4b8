import * as tf from '@tensorflow/tfjs-core'
import { type Init, type Layer, weight } from './layer'

const OFFICIAL: Init = { kind: 'truncatedNormal', std: 0.02 }

/** x [M, in] · Wᵀ + b for W [out, in], as PyTorch stores it; x of any rank, applied to its last axis. */
export const affine = (x: tf.Tensor, w: tf.Tensor, b?: tf.Tensor): tf.Tensor => {
  const flat = tf.reshape(x, [-1, x.shape[x.rank - 1]!])
  const y = tf.matMul(flat, w as tf.Tensor2D, false, true)
  return tf.reshape(b === undefined ? y : tf.add(y, b), [...x.shape.slice(0, -1), w.shape[0]!])
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
