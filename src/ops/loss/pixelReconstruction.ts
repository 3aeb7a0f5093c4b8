import * as tf from '@tensorflow/tfjs-core'
import { stage } from '../../dsl/plan'
import { flag, optional } from '../../dsl/type'
import { scope } from '../../nn/layer'
import { affine, linear } from '../../nn/linear'
import { scheduled } from '../schedule/kind'
import { lossSlot } from '../slots'

/** Keeps a patch of one colour from being divided by 0. */
const EPS = 1e-6

/** Each row's numbers less their mean, divided by their standard deviation (of a sample, as torch.var takes it). */
const standardised = (pixels: tf.Tensor2D): tf.Tensor2D => {
  const numbers = pixels.shape[1]
  const centred = tf.sub(pixels, tf.mean(pixels, 1, true))
  const variance = tf.div(tf.sum(tf.square(centred), 1, true), Math.max(1, numbers - 1))
  return tf.div(centred, tf.sqrt(tf.add(variance, EPS)))
}

const DECODER = 'decoder'

export const pixelReconstruction = stage(lossSlot)({
  name: 'pixelReconstruction',
  doc: "From the backbone's tokens of the patches that it did not see, the student reconstructs their pixels by a linear decoder: squared error, mean over the pixels of a patch, over the masked patches of a view, then over all views (those without a mask count as 0). It takes neither a head nor a teacher.",
  equation: 'L = Σ_i m_i · ‖D û_i - x_i‖² / (pixels · max(1, Σ_i m_i))',
  source: 'MAE (arXiv 2111.06377, §3: normalised pixels), with the linear decoder of SimMIM (arXiv 2111.09886, §3.3)',
  needs: ['tokens.patch', 'mask'],
  gives: ['loss'],
  fields: {
    weight: optional(scheduled, 1, 'factor in the total loss'),
    normalize: optional(
      flag,
      true,
      'whether the target is each patch less its mean, divided by its standard deviation; else the pixels as the student gets them',
    ),
  },
  build: ({ weight, normalize }) => ({
    schedules: { weight },
    divisible: true,
    weights: ({ width, stride, channels }) => scope(DECODER, linear(width, stride * stride * channels)).weights,
    learn: ({ pixels: of }, at, weights) => {
      const { tokens, pixels, tokenWeights } = of()
      const guess = affine(tokens, weights(`${DECODER}.weight`), weights(`${DECODER}.bias`))
      const errors = tf.mean(tf.square(tf.sub(guess, normalize ? standardised(pixels) : pixels)), 1)
      return tf.mul(tf.sum(tf.mul(errors, tokenWeights)), at('weight'))
    },
  }),
})
