import * as tf from '@tensorflow/tfjs-core'
import { define } from '../../dsl/op'
import { integer, optional, required } from '../../dsl/type'
import { type Across, WHOLE } from '../../nn/across'
import { maxAcross, meanAcross } from '../../nn/meanAcross'
import { outside, scheduled } from '../schedule/kind'
import { distribution } from './kind'

/**
 * Log-probabilities along an axis. The largest of each line is kept at 0, so that its sum is exact however large logits are. Of
 * lines that go through several shares the sum is a mean over them: the factor falls out where the other axis is normalised.
 */
const normalized = (logs: tf.Tensor2D, axis: 0 | 1, across: Across = WHOLE): tf.Tensor2D => {
  const shifted = tf.sub(logs, maxAcross(across, tf.max(logs, axis, true))) as tf.Tensor2D
  return tf.sub(shifted, tf.log(meanAcross(across, tf.sum(tf.exp(shifted), axis, true))))
}

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
    divisible: true,
    apply: (logits, at) => {
      // Of logarithms: exponents that are far apart have no common factor under which all of them are numbers.
      let logs: tf.Tensor2D = tf.div(logits.all(), at('temperature'))
      for (let i = 0; i < iterations; i++) {
        logs = normalized(normalized(logs, 0, logits.across), 1)
      }
      return logits.choose(tf.exp(logs))
    },
  }),
})
