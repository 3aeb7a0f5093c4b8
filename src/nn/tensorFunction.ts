/** Functions of tensors by name, and values for them. */
import type * as tf from '@tensorflow/tfjs-core'

/** Values on the host, row by row. */
export interface HostTensor {
  readonly values: Float32Array
  readonly shape: readonly number[]
}
export type HostTensors = Readonly<Record<string, HostTensor>>

/** A pure function of named tensors in tfjs ops, all of them float32; it reads no values. */
export type TensorFunction = (input: (name: string) => tf.Tensor) => Readonly<Record<string, tf.Tensor>>
