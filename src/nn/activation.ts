/** Activations, each with its own gradient where tfjs would make it of many small ops. */
import * as tf from '@tensorflow/tfjs-core'
import { fused } from './fused'
import { type Layer, pure, type Save } from './layer'

const INVERSE_SQRT_2 = Math.SQRT1_2
const INVERSE_SQRT_2PI = 1 / Math.sqrt(2 * Math.PI)

/** Φ(x), the normal distribution's cumulative function. */
const cumulative = (x: tf.Tensor): tf.Tensor => tf.mul(tf.add(tf.erf(tf.mul(x, INVERSE_SQRT_2)), 1), 0.5)

const gelu = tf.customGrad((x, save) => {
  const input = x as tf.Tensor
  ;(save as Save)([input])
  return {
    value: fused('gelu', ({ x }) => ({ y: tf.mul(x, cumulative(x)) }), { x: input }, { factors: ['y'] }).y,
    gradFunc: (dy: tf.Tensor, saved: tf.Tensor[]) => {
      const [input] = saved as [tf.Tensor]
      const gradient = ({ x, dy }: { readonly x: tf.Tensor; readonly dy: tf.Tensor }) => {
        const density = tf.mul(tf.exp(tf.mul(tf.square(x), -0.5)), INVERSE_SQRT_2PI)
        return { dx: tf.mul(dy, tf.add(cumulative(x), tf.mul(x, density))) }
      }
      return fused('geluGrad', gradient, { x: input, dy }, { factors: ['dx'] }).dx
    },
  }
})

/** Exact GELU, x · Φ(x) (arXiv 1606.08415, without the tanh approximation), on any shape. */
export const exactGelu = (x: tf.Tensor): tf.Tensor => gelu(x)

/** The activation of this name as a layer without weights. */
export const activation = (name: 'gelu' | 'relu'): Layer => pure(name === 'gelu' ? exactGelu : tf.relu)
