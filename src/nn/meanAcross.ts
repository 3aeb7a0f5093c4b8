/** What all shares of a batch come to, as tensor functions. */
import * as tf from '@tensorflow/tfjs-core'
import type { Across } from './across'

/**
 * The mean over all shares. Each share's gradient is that of its own mean loss: so the gradient of a mean is the mean of the
 * gradients, as in synchronised batch normalisation.
 */
export const meanAcross = <T extends tf.Tensor>(across: Across, x: T): T => {
  if (across.shares === 1) return x
  const mean = tf.customGrad((x) => ({
    value: across.reduce('mean', x as tf.Tensor),
    gradFunc: (dy: tf.Tensor) => across.reduce('mean', dy),
  }))
  return mean(x) as T
}

/** The largest of all shares. No gradient goes through it. */
export const maxAcross = <T extends tf.Tensor>(across: Across, x: T): T =>
  across.shares === 1 ? x : (across.reduce('max', x) as T)

/** The means over all shares of scalars, by name: they meet as one vector. */
export const meansAcross = (
  across: Across,
  scalars: Readonly<Record<string, tf.Tensor>>,
): Readonly<Record<string, tf.Tensor>> => {
  const names = Object.keys(scalars)
  if (across.shares === 1 || names.length === 0) return scalars
  const means = tf.unstack(across.reduce('mean', tf.stack(Object.values(scalars))))
  return Object.fromEntries(names.map((name, i) => [name, means[i]!]))
}
