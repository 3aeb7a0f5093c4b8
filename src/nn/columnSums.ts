import * as tf from '@tensorflow/tfjs-core'

/** The sums over all but the last axis: [..., width] → [width]. As a product with ones, which every backend does fastest. */
export const columnSums = (x: tf.Tensor): tf.Tensor1D => {
  const width = x.shape[x.rank - 1]!
  const rows = tf.reshape(x, [-1, width]) as tf.Tensor2D
  return tf.reshape(tf.matMul(tf.ones([1, rows.shape[0]]), rows), [width])
}
