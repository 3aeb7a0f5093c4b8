import * as tf from '@tensorflow/tfjs-core'

/** Logits [parts · B, K] as one [B, K] a part. A single part is not split: tfjs's split has a gradient for two or more only. */
export const rowsOf = (logits: tf.Tensor2D, parts: number): readonly tf.Tensor2D[] =>
  parts === 1 ? [logits] : tf.split(logits, parts)
