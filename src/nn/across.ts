/**
 * Where the shares of a batch meet. A step may be computed in shares of equally many pictures, one after the other or in
 * several processes, with the result that the whole batch would have: what is a mean over all pictures is the mean of the
 * shares' own means, so gradients of the shares' mean losses, centres, statistics and metrics are. Whatever else looks at
 * several pictures at once asks for the others' part here.
 */
import * as tf from '@tensorflow/tfjs-core'

/** How values that every share has become one, number by number. */
export type Reduction = 'mean' | 'max'

export interface Across {
  /** How many shares a batch is made of. */
  readonly shares: number
  /** What the values of all shares come to, in a tensor of its own. No gradient goes through it. */
  readonly reduce: (reduction: Reduction, x: tf.Tensor) => tf.Tensor
}

/** A batch that is computed as a whole. */
export const WHOLE: Across = { shares: 1, reduce: (_, x) => tf.clone(x) }

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
