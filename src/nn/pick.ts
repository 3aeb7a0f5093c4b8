/** Some tokens of all: what is computed only where it is used. */
import * as tf from '@tensorflow/tfjs-core'
import type { Context, Save } from './layer'

/** Distinct rows of tokens [B, N, ...], counted as if they were [B · N, ...]: int32 [R]. */
export type RowIndices = tf.Tensor1D

const gathered = tf.customGrad((x, rows, save) => {
  const [source, index] = [x as tf.Tensor2D, rows as tf.Tensor1D]
  ;(save as Save)([index])
  const shape = source.shape
  return {
    value: tf.gather(source, index),
    gradFunc: (dy: tf.Tensor, saved: tf.Tensor[]) => {
      const [index] = saved as [tf.Tensor1D]
      // Rows are distinct: each gradient has a place of its own.
      return [tf.scatterND(tf.expandDims(index, 1), dy, [...shape]), tf.zerosLike(index)]
    },
  }
})

/** Tokens [B, N, width] → the picked ones [R, width]; without rows, all of them [B · N, width]. */
export const pick = (x: tf.Tensor, rows: RowIndices | undefined): tf.Tensor2D => {
  const flat = tf.reshape(x, [-1, x.shape[x.rank - 1]!])
  return (rows === undefined ? flat : gathered(flat, rows)) as tf.Tensor2D
}

/** The first token of each sequence [B, N, width], which stands for the whole picture: [B, width]. */
export const firstOf = (tokens: tf.Tensor3D): tf.Tensor2D => {
  const [batch, , width] = tokens.shape
  return tf.reshape(tf.slice(tokens, [0, 0, 0], [batch, 1, width]), [batch, width])
}

/** The context of a layer that is applied to picked rows of sequences of `tokens` tokens: draws are those of the rows. */
export const contextAt = (context: Context, rows: RowIndices, tokens: number): Context => ({
  ...context,
  draws: (name) => {
    const drawn = context.draws(name)
    // One draw a sample, or one a token and feature.
    if (drawn.rank === 1) return tf.gather(drawn, tf.floorDiv(rows, tf.scalar(tokens, 'int32')))
    return tf.gather(tf.reshape(drawn, [-1, ...drawn.shape.slice(2)]), rows)
  },
})
