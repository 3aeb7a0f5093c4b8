/**
 * Gradients of sums and means, in the place of tfjs's: those multiply by an array of ones that JavaScript makes, of the size of the
 * summands, which takes seconds where a graph is recorded for many pictures. The numbers are the same, bit for bit.
 */
import * as tf from '@tensorflow/tfjs-core'
import { axisFromFirst } from '../base/shape'
import './gradients'

/** Along which axes a reduction goes. */
const axesOf = (rank: number, axis: number | readonly number[] | null | undefined): readonly number[] => {
  const given = axis === null || axis === undefined ? Array.from({ length: rank }, (_, i) => i) : [axis].flat()
  return (given as readonly number[]).map((one) => axisFromFirst(one, rank))
}

/** The gradient by summands is that by their sum, for each of them; by those of a mean its equal part. */
const replace = (kernelName: 'Sum' | 'Mean', part: (dy: tf.Tensor, count: number) => tf.Tensor): void => {
  tf.unregisterGradient(kernelName)
  tf.registerGradient({
    kernelName,
    inputsToSave: ['x'],
    gradFunc: (dy, [x], attributes) => {
      const { shape } = x!
      const axes = axesOf(shape.length, attributes.axis as number | readonly number[] | null | undefined)
      const kept = shape.map((dim, i) => (axes.includes(i) ? 1 : dim))
      const count = axes.reduce((product, axis) => product * shape[axis]!, 1)
      return { x: () => tf.mul(tf.reshape(part(dy as tf.Tensor, count), kept), tf.fill(shape, 1)) }
    },
  })
}

replace('Sum', (dy) => dy)
replace('Mean', (dy, count) => tf.div(dy, count))
