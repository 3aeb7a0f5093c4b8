import * as tf from '@tensorflow/tfjs-core'
import { stage } from '../../dsl/plan'
import { nonNegative, numberIn, optional, positive, required, struct } from '../../dsl/type'
import { weight as spec } from '../../nn/layer'
import { duration, outside, scheduled } from '../schedule/kind'
import { optimizerSlot } from '../slots'

/** What keeps a clipped gradient's norm from being divided by zero. */
const CLIP_EPS = 1e-6

/** A gradient shortened to the norm `limit` if it is longer (this one weight's, not all weights' together). */
const clipped = (gradient: tf.Tensor, limit: number): tf.Tensor => {
  if (limit === 0) return gradient
  const norm = tf.sqrt(tf.sum(tf.square(gradient)))
  return tf.mul(gradient, tf.minimum(1, tf.div(limit, tf.add(norm, CLIP_EPS))))
}

export const adamw = stage(optimizerSlot)({
  name: 'adamw',
  doc: 'AdamW: Adam with weight decay apart from the gradient. Biases and one-dimensional weights do not decay; each gradient is clipped by its own norm; the last layers wait.',
  equation: 'θ ← θ - lr · wd · θ - lr · m̂ / (√v̂ + ε)',
  source: 'arXiv 1711.05101; order of operations and parameter groups of the reference implementation',
  needs: ['loss'],
  gives: ['optimizer'],
  example: { lr: { cosine: { from: { scaledByBatch: 5e-4 }, to: 1e-6 } }, weightDecay: { cosine: { from: 0.04, to: 0.4 } } },
  fields: {
    lr: required(scheduled, 'learning rate'),
    weightDecay: optional(scheduled, 0.04, 'weight decay'),
    betas: optional(
      struct({
        first: optional(numberIn(0, 0.999999), 0.9, "share of the gradient's old mean that is kept"),
        second: optional(numberIn(0, 0.999999), 0.999, "share of the squared gradient's old mean that is kept"),
      }),
      {},
      'decay of the moments',
    ),
    eps: optional(positive, 1e-8, 'added to the root of the second moment, after its bias correction'),
    clip: optional(nonNegative, 3, "longest norm of each weight's gradient; 0: any"),
    freezeLastLayer: optional(
      duration,
      '1 epoch',
      "how long the head's last layers are left alone at the beginning; of no effect without a bottleneck",
    ),
  },
  refine: ({ lr, weightDecay }) => [
    ...outside('lr', lr, (value) => value >= 0, '0 or greater'),
    ...outside('weightDecay', weightDecay, (value) => value >= 0, '0 or greater'),
  ],
  build: ({ lr, weightDecay, betas: { first, second }, eps, clip, freezeLastLayer }) => ({
    schedules: { lr, weightDecay },
    freezeLastLayer,
    // The steps that a last layer waits don't count as its own: its bias corrections lag behind.
    host: (step, frozen) => ({
      correction1: 1 - first ** (step + 1),
      correction2: Math.sqrt(1 - second ** (step + 1)),
      'last.moving': step < frozen ? 0 : 1,
      'last.correction1': 1 - first ** Math.max(1, step + 1 - frozen),
      'last.correction2': Math.sqrt(1 - second ** Math.max(1, step + 1 - frozen)),
    }),
    state: ({ shape }) => ({
      exp_avg: spec(shape, { kind: 'zeros' }, false),
      exp_avg_sq: spec(shape, { kind: 'zeros' }, false),
    }),
    update: (weight, gradient, state, at, { decays, last }) => {
      const g = clipped(gradient, clip)
      const mean = tf.add(tf.mul(state('exp_avg'), first), tf.mul(g, 1 - first))
      const square = tf.add(tf.mul(state('exp_avg_sq'), second), tf.mul(tf.square(g), 1 - second))
      const rate = at('lr')
      const correction = (name: string) => at(last ? `last.${name}` : name)
      const root = tf.add(tf.div(tf.sqrt(square), correction('correction2')), eps)
      const decayed = decays ? tf.mul(weight, tf.sub(1, tf.mul(rate, at('weightDecay')))) : weight
      const moved = tf.sub(decayed, tf.mul(tf.div(rate, correction('correction1')), tf.div(mean, root)))
      if (!last) return { weight: moved, state: { exp_avg: mean, exp_avg_sq: square } }
      // 1 or 0: a sum of products, since choosing by a scalar would first be blown up to the weight's shape.
      const moving = at('last.moving')
      const unless = (next: tf.Tensor, old: tf.Tensor) => tf.add(tf.mul(next, moving), tf.mul(old, tf.sub(1, moving)))
      return {
        weight: unless(moved, weight),
        state: { exp_avg: unless(mean, state('exp_avg')), exp_avg_sq: unless(square, state('exp_avg_sq')) },
      }
    },
  }),
})
