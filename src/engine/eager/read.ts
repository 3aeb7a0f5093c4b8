/** Values of tensors, read without keeping the thread from other work where the backend can: WebGPU reads in no other way. */
import type * as tf from '@tensorflow/tfjs-core'

/** A copy of a tensor's values. */
export const valuesOf = async (tensor: tf.Tensor): Promise<Float32Array> => Float32Array.from(await tensor.data())

/** A copy of each one's values, by name. */
export const allValues = async (tensors: Readonly<Record<string, tf.Tensor>>): Promise<Readonly<Record<string, Float32Array>>> =>
  Object.fromEntries(
    await Promise.all(Object.entries(tensors).map(async ([name, tensor]) => [name, await valuesOf(tensor)] as const)),
  )
