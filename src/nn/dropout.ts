/** What is dropped at random in training. The draws are inputs, so that a step is a pure function. */
import * as tf from '@tensorflow/tfjs-core'
import type { DrawShape, Layer } from './layer'

/**
 * Stochastic depth (arXiv 1603.09382), per sample: in training a sample's branch is dropped with probability `rate`
 * and otherwise divided by what remains.
 */
export const dropPath = (rate: number): Layer => ({
  weights: {},
  buffers: {},
  draws: rate > 0 ? { path: (batch) => [batch] } : {},
  apply: (_weights, x, context) => {
    if (rate === 0 || !context.training) return x
    const kept = tf.floor(tf.add(context.draws('path'), 1 - rate))
    return tf.mul(x, tf.reshape(tf.div(kept, 1 - rate), [-1, ...Array.from({ length: x.rank - 1 }, () => 1)]))
  },
})

/** Dropout (JMLR 15, 2014): in training each value is dropped with probability `rate`, the others divided by what remains. */
export const dropout = (rate: number, shape: DrawShape): Layer => ({
  weights: {},
  buffers: {},
  draws: rate > 0 ? { dropout: shape } : {},
  apply: (_weights, x, context) =>
    rate === 0 || !context.training ? x : tf.mul(x, tf.div(tf.floor(tf.add(context.draws('dropout'), 1 - rate)), 1 - rate)),
})
