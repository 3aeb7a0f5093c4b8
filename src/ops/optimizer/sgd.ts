import * as tf from '@tensorflow/tfjs-core'
import { stage } from '../../dsl/plan'
import { numberIn, optional } from '../../dsl/type'
import { weight as spec } from '../../nn/layer'
import { optimizerSlot } from '../slots'
import { clipped, commonFields, commonMeaning, MOVING, moving, refineCommon, unlessWaiting, withDecay } from './common'

export const sgd = stage(optimizerSlot)({
  name: 'sgd',
  doc: 'Stochastic gradient descent with momentum, the weight decay within the gradient. Biases and one-dimensional weights do not decay; each gradient is clipped by its own norm; the last layers wait.',
  equation: 'μ ← momentum · μ + g + wd · θ; θ ← θ - lr · μ',
  source: 'torch.optim.SGD with momentum 0.9; optimizer sgd of the reference implementation',
  needs: ['loss'],
  gives: ['optimizer'],
  example: { lr: { cosine: { from: { scaledByBatch: 0.03 }, to: 0 } }, weightDecay: 1e-4 },
  fields: {
    lr: commonFields.lr,
    weightDecay: commonFields.weightDecay,
    momentum: optional(numberIn(0, 0.999999), 0.9, 'share of the last movement that is kept'),
    clip: commonFields.clip,
    freezeLastLayer: commonFields.freezeLastLayer,
    layerDecay: commonFields.layerDecay,
    decayEmbeddings: commonFields.decayEmbeddings,
  },
  refine: refineCommon,
  build: ({ lr, weightDecay, momentum, clip, freezeLastLayer, ...common }) => ({
    schedules: { lr, weightDecay },
    freezeLastLayer,
    ...commonMeaning(common),
    host: (step, frozen) => ({ [MOVING]: moving(step, frozen) }),
    state: ({ shape }) => ({ momentum_buffer: spec(shape, { kind: 'zeros' }, false) }),
    update: (weight, gradient, state, at, { decays, last }) => {
      const old = state('momentum_buffer')
      const movement = tf.add(tf.mul(old, momentum), withDecay(clipped(gradient, clip), weight, decays, at))
      const next = { weight: tf.sub(weight, tf.mul(movement, at('lr'))), momentum_buffer: movement }
      const { weight: moved, momentum_buffer } = unlessWaiting(next, { weight, momentum_buffer: old }, last, at)
      return { weight: moved, state: { momentum_buffer } }
    },
  }),
})
