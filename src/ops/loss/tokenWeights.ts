import * as tf from '@tensorflow/tfjs-core'

/**
 * What each patch counts in the loss on hidden patches: 1 / (hidden patches of its view · views) if it is hidden, else 0.
 * So the sum is the mean over a view's hidden patches, then over all views; a view without any counts as 0 (iBOT eq. 2).
 *
 * @param mask [views, N], 1 where a patch is hidden
 * @returns [views, N]
 */
export const tokenWeightsOf = (mask: tf.Tensor2D): tf.Tensor2D =>
  tf.div(mask, tf.mul(tf.maximum(tf.sum(mask, 1, true), 1), mask.shape[0]))
