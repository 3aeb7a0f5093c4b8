import * as tf from '@tensorflow/tfjs-core'

/**
 * The sum of one or more tensors of one shape, added in their order. `tf.addN` would begin with the one whose memory
 * happens to be free: TensorFlow would round the same run otherwise each time.
 */
export const sumOf = <T extends tf.Tensor>(terms: readonly T[]): T => terms.reduce((sum, term) => tf.add(sum, term))
