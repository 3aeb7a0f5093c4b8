import * as tf from '@tensorflow/tfjs-core'
import { stage } from '../../dsl/plan'
import { numberIn, optional } from '../../dsl/type'
import type { Across } from '../../nn/across'
import { meansAcross } from '../../nn/meanAcross'
import { sumOf } from '../../nn/sum'
import { scheduled } from '../schedule/kind'
import { lossSlot } from '../slots'

/**
 * Labels whose share of each class goes in part to all classes alike.
 *
 * @param labels [B, K], rows sum to 1
 */
const smoothed = (labels: tf.Tensor2D, smoothing: number): tf.Tensor2D =>
  smoothing === 0 ? labels : tf.add(tf.mul(labels, 1 - smoothing), smoothing / labels.shape[1])

/** A label that is mixed of two of the same class is whole but for rounding. */
const WHOLE = 1 - 1e-6

/** Share of the pictures of one class, which aren't mixed with others, for which it is the most probable; NaN where there is none. */
const accuracyOf = (logits: tf.Tensor2D, labels: tf.Tensor2D, across: Across): tf.Scalar => {
  const whole = tf.cast(tf.greaterEqual(tf.max(labels, 1), WHOLE), 'float32')
  const right = tf.cast(tf.equal(tf.argMax(logits, 1), tf.argMax(labels, 1)), 'float32')
  const sums = meansAcross(across, { right: tf.sum(tf.mul(right, whole)), whole: tf.sum(whole) })
  return tf.div(sums.right!, sums.whole!)
}

export const crossEntropy = stage(lossSlot)({
  name: 'crossEntropy',
  doc: "The classifier says of every view which class its picture is of: cross-entropy with the pictures' labels, mean over all views. Where pictures are mixed, so are their labels.",
  equation: 'L = - Σ_k y_k log softmax(logits)_k, y = (1 - s) · label + s / K',
  source: 'label smoothing: arXiv 1512.00567, §7; LabelSmoothingCrossEntropy and SoftTargetCrossEntropy of timm',
  needs: ['logits.class', 'labels'],
  gives: ['loss'],
  example: { labelSmoothing: 0.1 },
  fields: {
    weight: optional(scheduled, 1, 'factor in the total loss'),
    labelSmoothing: optional(numberIn(0, 0.99), 0, 'share s of each label that goes to all classes alike'),
  },
  build: ({ weight, labelSmoothing }) => ({
    schedules: { weight },
    divisible: true,
    monitors: ['accuracy'],
    learn: ({ cls, labels }, at) => {
      const target = smoothed(labels(), labelSmoothing)
      const terms = cls.map((logits) => tf.neg(tf.mean(tf.sum(tf.mul(target, tf.logSoftmax(logits)), -1))))
      return tf.mul(tf.div(sumOf(terms), terms.length), at('weight'))
    },
    monitor: ({ cls, labels, across }) => ({ accuracy: accuracyOf(cls[0]!, labels(), across) }),
  }),
})
