import * as tf from '@tensorflow/tfjs-core'
import { stage } from '../../dsl/plan'
import { numberIn, optional, positive, struct } from '../../dsl/type'
import { weight as spec } from '../../nn/layer'
import { optimizerSlot } from '../slots'
import { clipped, commonFields, commonMeaning, MOVING, moving, refineCommon, unlessWaiting } from './common'

export const adamw = stage(optimizerSlot)({
  name: 'adamw',
  doc: 'AdamW: Adam with weight decay apart from the gradient. Biases and one-dimensional weights do not decay; each gradient is clipped by its own norm; the last layers wait.',
  equation: 'θ ← θ - lr · wd · θ - lr · m̂ / (√v̂ + ε)',
  source: 'arXiv 1711.05101; order of operations and parameter groups of the reference implementation',
  needs: ['loss'],
  gives: ['optimizer'],
  example: { lr: { cosine: { from: { scaledByBatch: 5e-4 }, to: 1e-6 } }, weightDecay: { cosine: { from: 0.04, to: 0.4 } } },
  fields: {
    lr: commonFields.lr,
    weightDecay: commonFields.weightDecay,
    betas: optional(
      struct({
        first: optional(numberIn(0, 0.999999), 0.9, "share of the gradient's old mean that is kept"),
        second: optional(numberIn(0, 0.999999), 0.999, "share of the squared gradient's old mean that is kept"),
      }),
      {},
      'decay of the moments',
    ),
    eps: optional(positive, 1e-8, 'added to the root of the second moment, after its bias correction'),
    clip: commonFields.clip,
    freezeLastLayer: commonFields.freezeLastLayer,
    layerDecay: commonFields.layerDecay,
    decayEmbeddings: commonFields.decayEmbeddings,
  },
  refine: refineCommon,
  build: ({ lr, weightDecay, betas: { first, second }, eps, clip, freezeLastLayer, ...common }) => ({
    schedules: { lr, weightDecay },
    freezeLastLayer,
    ...commonMeaning(common),
    // The steps that a last layer waits don't count as its own: its bias corrections lag behind.
    host: (step, frozen) => ({
      correction1: 1 - first ** (step + 1),
      correction2: Math.sqrt(1 - second ** (step + 1)),
      [MOVING]: moving(step, frozen),
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
      const { weight: next, ...moments } = unlessWaiting(
        { weight: moved, exp_avg: mean, exp_avg_sq: square },
        { weight, exp_avg: state('exp_avg'), exp_avg_sq: state('exp_avg_sq') },
        last,
        at,
      )
      return { weight: next, state: moments }
    },
  }),
})
