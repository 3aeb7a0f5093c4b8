/** Activations, each with its own gradient where tfjs would make it of many small ops. */
import * as tf from '@tensorflow/tfjs-core'
import { type Layer, pure, type Save } from './layer'

const INVERSE_SQRT_2 = Math.SQRT1_2
const INVERSE_SQRT_2PI = 1 / Math.sqrt(2 * Math.PI)

const gelu = tf.customGrad((x, save) => {
  const input = x as tf.Tensor
  const cdf = tf.mul(tf.add(tf.erf(tf.mul(input, INVERSE_SQRT_2)), 1), 0.5)
  ;(save as Save)([input, cdf])
  return {
    value: tf.mul(input, cdf),
    gradFunc: (dy: tf.Tensor, saved: tf.Tensor[]) => {
      const [input, cdf] = saved as [tf.Tensor, tf.Tensor]
      const density = tf.mul(tf.exp(tf.mul(tf.square(input), -0.5)), INVERSE_SQRT_2PI)
      return tf.mul(dy, tf.add(cdf, tf.mul(input, density)))
    },
  }
})

/** Exact GELU, x · Φ(x) (arXiv 1606.08415, without the tanh approximation), on any shape. */
export const exactGelu = (x: tf.Tensor): tf.Tensor => gelu(x)

/** The activation of this name as a layer without weights. */
export const activation = (name: 'gelu' | 'relu'): Layer => pure(name === 'gelu' ? exactGelu : tf.relu)
