import * as tf from '@tensorflow/tfjs-core'
import { stage } from '../../dsl/plan'
import { numberIn, optional, positive } from '../../dsl/type'
import { weight as spec } from '../../nn/layer'
import { optimizerSlot } from '../slots'
import { clipped, commonFields, commonMeaning, MOVING, moving, refineCommon, unlessWaiting, withDecay } from './common'

const norm = (x: tf.Tensor): tf.Tensor => tf.sqrt(tf.sum(tf.square(x)))

/** A gradient made as long as `eta` times its weight, where neither is 0. */
const adapted = (gradient: tf.Tensor, weight: tf.Tensor, eta: number): tf.Tensor => {
  const [own, other] = [norm(weight), norm(gradient)]
  const both = tf.logicalAnd(tf.greater(own, 0), tf.greater(other, 0))
  // Where a norm is 0 the quotient is not used, and must not be a division by 0 either.
  const factor = tf.where(both, tf.div(tf.mul(own, eta), tf.where(both, other, tf.onesLike(other))), tf.onesLike(own))
  return tf.mul(gradient, factor)
}

export const lars = stage(optimizerSlot)({
  name: 'lars',
  doc: 'Layer-wise adaptive rate scaling, for large batches: momentum of gradients that are made as long as their weights, times a small number. Biases and one-dimensional weights neither decay nor are adapted; each gradient is clipped by its own norm; the last layers wait.',
  equation: 'd = g + wd · θ; μ ← momentum · μ + eta · ‖θ‖ / ‖d‖ · d; θ ← θ - lr · μ',
  source: 'arXiv 1708.03888; optimizer lars of the reference implementation (from Barlow Twins)',
  needs: ['loss'],
  gives: ['optimizer'],
  example: { lr: { cosine: { from: { scaledByBatch: 0.3 }, to: 0 } }, weightDecay: 1e-6 },
  fields: {
    lr: commonFields.lr,
    weightDecay: commonFields.weightDecay,
    momentum: optional(numberIn(0, 0.999999), 0.9, 'share of the last movement that is kept'),
    eta: optional(positive, 0.001, 'how long an adapted gradient is beside its weight'),
    clip: commonFields.clip,
    freezeLastLayer: commonFields.freezeLastLayer,
    layerDecay: commonFields.layerDecay,
    decayEmbeddings: commonFields.decayEmbeddings,
  },
  refine: refineCommon,
  build: ({ lr, weightDecay, momentum, eta, clip, freezeLastLayer, ...common }) => ({
    schedules: { lr, weightDecay },
    freezeLastLayer,
    ...commonMeaning(common),
    host: (step, frozen) => ({ [MOVING]: moving(step, frozen) }),
    state: ({ shape }) => ({ mu: spec(shape, { kind: 'zeros' }, false) }),
    update: (weight, gradient, state, at, { decays, last }) => {
      const old = state('mu')
      const pull = withDecay(clipped(gradient, clip), weight, decays, at)
      // What decays are the weights of more than one dimension, which are those that are adapted.
      const movement = tf.add(tf.mul(old, momentum), decays ? adapted(pull, weight, eta) : pull)
      const next = { weight: tf.sub(weight, tf.mul(movement, at('lr'))), mu: movement }
      const { weight: moved, mu } = unlessWaiting(next, { weight, mu: old }, last, at)
      return { weight: moved, state: { mu } }
    },
  }),
})
