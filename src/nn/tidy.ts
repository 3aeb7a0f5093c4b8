/** tfjs's tidy and dispose for whatever holds tensors: tfjs's own types know no readonly records. */
import * as tf from '@tensorflow/tfjs-core'

/**
 * Runs `f`, and disposes of all tensors that are made within, but not of those in what it gives: a tensor, or records and
 * arrays of them in any depth. Whatever else is among them is given as it is, and not looked into.
 */
export const tidy = <A>(f: () => A): A => tf.tidy(f as () => tf.TensorContainer) as A

/** Disposes of all tensors in a tensor, or in records and arrays of them in any depth. */
export const dispose = (tensors: unknown): void => tf.dispose(tensors as tf.TensorContainer)
