/** Relative position bias (Swin, §3.2, eq. 4): a learnt number a head for every distance between two cells of a window. */
import * as tf from '@tensorflow/tfjs-core'
import type { Save } from './layer'

/** The row of the table for each pair of cells of a window: [window⁴], first cell by first cell, distances row by row. */
export const relativeIndex = (window: number): Int32Array => {
  const cells = window ** 2
  const distances = 2 * window - 1
  return Int32Array.from({ length: cells * cells }, (_, pair) => {
    const [one, other] = [Math.floor(pair / cells), pair % cells]
    const down = Math.floor(one / window) - Math.floor(other / window)
    const right = (one % window) - (other % window)
    return (down + window - 1) * distances + right + window - 1
  })
}

/** Rows of a table [K, heads] by an index, each of which may be taken more than once: their gradients add up. */
const rowsAt = tf.customGrad((table, index, save) => {
  ;(save as Save)([index as tf.Tensor])
  const shape = (table as tf.Tensor).shape
  return {
    value: tf.gather(table as tf.Tensor, index as tf.Tensor1D),
    gradFunc: (dy: tf.Tensor, saved: tf.Tensor[]) => {
      const [index] = saved as [tf.Tensor1D]
      return [tf.scatterND(tf.expandDims(index, 1), dy, [...shape]), tf.zerosLike(index)]
    },
  }
})

/** The table [(2 window - 1)², heads] as what is added to the scores of a window: [heads, window², window²]. */
export const relativeBias = (table: tf.Tensor, window: number): tf.Tensor3D => {
  const pairs = rowsAt(table, tf.tensor1d(relativeIndex(window), 'int32'))
  return tf.transpose(tf.reshape(pairs, [window ** 2, window ** 2, table.shape[1]!]), [2, 0, 1])
}
