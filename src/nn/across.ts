/**
 * Where the shares of a batch meet. A step may be computed in shares of equally many pictures, one after the other or in
 * several processes, with the result that the whole batch would have: what is a mean over all pictures is the mean of the
 * shares' own means, so gradients of the shares' mean losses, centres, statistics and metrics are. Whatever else looks at
 * several pictures at once asks for the others' part here.
 */
import type * as tf from '@tensorflow/tfjs-core'
import type { Reduction } from '../base/reduction'

export interface Across {
  /** How many shares a batch is made of. */
  readonly shares: number
  /** What the values of all shares come to, in a tensor of its own. No gradient goes through it. */
  readonly reduce: (reduction: Reduction, x: tf.Tensor) => tf.Tensor
  /**
   * The value itself, which took long to compute: where a share is gone over several times, it may be what was computed the first
   * time. A gradient goes through it.
   */
  readonly keep: <T extends tf.Tensor>(x: T) => T
}

/** A batch that is computed as a whole. */
export const WHOLE: Across = { shares: 1, reduce: (_, x) => x.clone(), keep: (x) => x }
