/** What is worth watching of a distillation: whether both distributions still say something, and the same. */
import * as tf from '@tensorflow/tfjs-core'
import type { Across } from '../../nn/across'
import { meanAcross, meansAcross } from '../../nn/meanAcross'

/** Keeps the logarithm of a probability of 0 finite: 0 · log is then 0. */
const TINY = 1e-30

/** p log p of every probability. */
const surprise = (p: tf.Tensor2D): tf.Tensor2D => tf.mul(p, tf.log(tf.maximum(p, TINY)))

/** The names of what `watched` gives. */
export const WATCHED = ['teacherEntropy', 'studentEntropy', 'prototypes', 'agreement'] as const

/**
 * Of the teacher's distributions and the student's log-probabilities at the same tokens, both [R, K]:
 *
 * - `teacherEntropy`, `studentEntropy`: mean entropy as a share of ln K; 1 is uniform, 0 is all on one prototype
 * - `prototypes`: how many prototypes the batch uses, as the perplexity of the teacher's mean distribution, 1 to K
 * - `agreement`: share of the tokens for which both find the same prototype the most probable, 0 to 1
 *
 * @param weights [R], what each token counts beside the others; where all of them are 0 there is nothing to watch, and all is NaN
 */
export const watched = (
  teacher: tf.Tensor2D,
  studentLogs: tf.Tensor2D,
  weights: tf.Tensor1D,
  across: Across,
): Readonly<Record<(typeof WATCHED)[number], tf.Scalar>> => {
  const most = Math.log(teacher.shape[1])
  const weighed = (values: tf.Tensor): tf.Scalar => tf.sum(tf.mul(weights, values))
  const entropy = (surprises: tf.Tensor): tf.Tensor => tf.neg(tf.sum(surprises, -1))
  const same = tf.cast(tf.equal(tf.argMax(teacher, 1), tf.argMax(studentLogs, 1)), 'float32')
  const sums = meansAcross(across, {
    weights: tf.sum(weights),
    teacher: weighed(entropy(surprise(teacher))),
    student: weighed(entropy(tf.mul(tf.exp(studentLogs), studentLogs))),
    same: weighed(same),
  })
  const mean = (name: string): tf.Scalar => tf.div(sums[name]!, sums.weights!)
  const used = meanAcross(across, tf.matMul(tf.expandDims(weights, 0) as tf.Tensor2D, teacher))
  return {
    teacherEntropy: tf.div(mean('teacher'), most),
    studentEntropy: tf.div(mean('student'), most),
    prototypes: tf.exp(tf.sum(entropy(surprise(tf.div(used, sums.weights!))))),
    agreement: mean('same'),
  }
}
