/** Numbers that tell how a training goes, besides those of the losses: of the gradients and of the weights. */
import * as tf from '@tensorflow/tfjs-core'
import type { Tensors } from './stateNames'

const flat = (x: tf.Tensor): tf.Tensor1D => tf.reshape(x, [-1])
const squares = (x: tf.Tensor): tf.Scalar => tf.sum(tf.square(x))

/** The norm of all gradients together, before anything is clipped. */
export const gradientNorm = (gradients: Tensors): tf.Scalar =>
  // Of vectors, as the optimizer clips them: where a step is compiled, that is the same operation.
  tf.sqrt(tf.sum(tf.stack(Object.values(gradients).map((gradient) => squares(flat(gradient))))))

/** So many matrices, spread over a network, and so many numbers of each stand for all: what a step does to some it does to others. */
const MATRICES = 8
const NUMBERS = 4096

const spread = <A>(values: readonly A[], count: number): readonly A[] =>
  values.length <= count
    ? values
    : Array.from({ length: count }, (_, i) => values[Math.floor(((i + 0.5) * values.length) / count)]!)

/** The first numbers of weights, as one vector. */
const sampled = (weights: readonly tf.Tensor[]): tf.Tensor1D =>
  tf.concat1d(weights.map((weight) => (weight.size <= NUMBERS ? flat(weight) : tf.slice1d(flat(weight), 0, NUMBERS))))

/** The names of what `movements` gives, beside a teacher or without one. */
export const movementNames = (hasTeacher: boolean): readonly string[] => [
  'student.movement',
  ...(hasTeacher ? ['teacher.movement', 'teacher.distance'] : []),
]

/**
 * How far a step moves the weights, relative to their norm: `student.movement` and, where there is a teacher,
 * `teacher.movement`; and `teacher.distance`, how far the teacher is from the student afterwards, relative to the
 * student's norm.
 *
 * @param names of matrices that the optimizer moves; beside a teacher, those that it doesn't have are left out
 */
export const movements = (names: readonly string[], before: Tensors, after: Tensors): Tensors => {
  const common = names.filter((name) => `teacher.${name}` in before)
  const chosen = spread(common.length === 0 ? names : common, MATRICES)
  const of = (state: Tensors, network: string) => sampled(chosen.map((name) => state[`${network}.${name}`]!))
  const gap = (a: tf.Tensor, b: tf.Tensor): tf.Scalar => tf.sqrt(tf.div(squares(tf.sub(a, b)), squares(b)))
  const student = of(after, 'student')
  const teacher = common.length === 0 ? undefined : of(after, 'teacher')
  return {
    'student.movement': gap(student, of(before, 'student')),
    ...(teacher && { 'teacher.movement': gap(teacher, of(before, 'teacher')), 'teacher.distance': gap(teacher, student) }),
  }
}
