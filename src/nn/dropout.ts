/** What is dropped at random in training. The draws are inputs, so that a step is a pure function. */
import * as tf from '@tensorflow/tfjs-core'
import type { DrawShape, Layer } from './layer'

/** Dropout (JMLR 15, 2014): in training each value is dropped with probability `rate`, the others divided by what remains. */
export const dropout = (rate: number, shape: DrawShape): Layer => ({
  weights: {},
  buffers: {},
  draws: rate > 0 ? { dropout: shape } : {},
  apply: (_weights, x, context) =>
    rate === 0 || !context.training ? x : tf.mul(x, tf.div(tf.floor(tf.add(context.draws('dropout'), 1 - rate)), 1 - rate)),
})
