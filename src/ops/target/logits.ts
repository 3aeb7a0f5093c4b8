/**
 * Logits of many tokens, of which a loss needs only some: those are there, and what else a target may want of all of
 * them is computed when it is asked for. Where the last layer is affine their mean costs one row instead of thousands.
 */
import * as tf from '@tensorflow/tfjs-core'
import type { Across } from '../../nn/across'
import { meanAcross } from '../../nn/meanAcross'

export interface Logits {
  /** Those that a loss needs: [R, K]. */
  readonly rows: tf.Tensor2D
  /** Where they meet those of the batch's other shares. */
  readonly across: Across
  /** The mean of all of them, needed or not, and of all shares: [1, K]. */
  readonly mean: () => tf.Tensor2D
  /** All of them, of this share: [T, K]. */
  readonly all: () => tf.Tensor2D
  /** Of values that belong to all, [T, K], those that belong to the rows: [R, K]. */
  readonly choose: (all: tf.Tensor2D) => tf.Tensor2D
}

/** Logits [..., K] that are all needed. */
export const needed = (logits: tf.Tensor, across: Across): Logits => {
  const rows = tf.reshape(logits, [-1, logits.shape[logits.rank - 1]!]) as tf.Tensor2D
  return { rows, across, mean: () => meanAcross(across, tf.mean(rows, 0, true)), all: () => rows, choose: (all) => all }
}

/** The logits with a row [1, K] subtracted from each. */
export const minus = ({ rows, across, mean, all, choose }: Logits, row: tf.Tensor2D): Logits => ({
  rows: tf.sub(rows, row),
  across,
  mean: () => tf.sub(mean(), row),
  all: () => tf.sub(all(), row),
  choose,
})
