import * as tf from '@tensorflow/tfjs-core'
import { define } from '../../dsl/op'
import { integer, optional, required } from '../../dsl/type'
import { outside, scheduled } from '../schedule/kind'
import { distribution } from './kind'

export const sinkhornKnopp = define(distribution)({
  name: 'sinkhornKnopp',
  doc: 'Assigns the tokens of a batch to the prototypes so that all prototypes are used alike; takes the place of centring and sharpening.',
  equation: 'diag(u) exp(l / τ) diag(v), rows sum to 1, columns to tokens / K',
  source: 'SwAV (arXiv 2006.09882, §3.1); DINOv2 (arXiv 2304.07193, §4) uses 3 iterations',
  fields: {
    temperature: required(scheduled, 'temperature τ of the teacher, > 0'),
    iterations: optional(integer(1, 100), 3, 'how often rows and columns are normalised in turn'),
  },
  refine: ({ temperature }) => outside('temperature', temperature, (value) => value > 0, 'greater than 0'),
  build: ({ temperature, iterations }) => ({
    schedules: { temperature },
    apply: (logits, at) => {
      const flat = tf.div(logits.all(), at('temperature')) as tf.Tensor2D
      const [tokens, prototypes] = flat.shape
      // Any factor cancels in the first normalisation: the largest exponent is kept at 0.
      let q: tf.Tensor2D = tf.exp(tf.sub(flat, tf.max(flat)))
      for (let i = 0; i < iterations; i++) {
        q = tf.mul(tf.divNoNan(q, tf.sum(q, 0, true)), tokens / prototypes)
        q = tf.divNoNan(q, tf.sum(q, 1, true))
      }
      return logits.choose(q)
    },
  }),
})
