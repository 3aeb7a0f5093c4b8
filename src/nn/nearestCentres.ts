/** What k-means computes of a chunk of points, as a function of tensors. */
import * as tf from '@tensorflow/tfjs-core'
import type { TensorFunction } from './tensorFunction'

/**
 * Points [N, width], each times its `scale` [N, 1] and less the `mean` [1, width], and the nearest of the `centres` [starts, k, width] of each start:
 * `products` [N, starts · k] of points and centres; `sums` [starts, k, width] of the points of each centre before
 * the mean is taken from them, and their `counts` [starts, k]; and the `gain` [starts], by which the sum of all squared distances is less than that of the points' squares.
 */
export const nearestCentres: TensorFunction = (input) => {
  const [points, scale] = [input('points') as tf.Tensor2D, input('scale')]
  const centres = input('centres') as tf.Tensor3D
  const [starts, k, width] = centres.shape
  const flat = tf.reshape(centres, [starts * k, width]) as tf.Tensor2D
  const products = tf.sub(tf.mul(tf.matMul(points, flat, false, true), scale), tf.sum(tf.mul(flat, input('mean')), 1))
  // The least distance is the largest product less half the centre's square.
  const scores = tf.reshape(tf.sub(products, tf.mul(tf.sum(tf.square(flat), 1), 0.5)), [-1, starts, k])
  const own = tf.equal(tf.expandDims(tf.argMax(scores, 2), 2), tf.range(0, k, 1, 'int32'))
  const members = tf.reshape(tf.cast(own, 'float32'), [-1, starts * k]) as tf.Tensor2D
  return {
    products,
    sums: tf.reshape(tf.matMul(tf.mul(members, scale) as tf.Tensor2D, points, true), [starts, k, width]),
    counts: tf.reshape(tf.sum(members, 0), [starts, k]),
    gain: tf.mul(tf.sum(tf.max(scores, 2), 0), 2),
  }
}
