/** Values between JavaScript and TensorFlow's memory. */
import koffi from 'koffi'
import { elements } from '../base/shape'
import { bytesOf, type Dtype } from '../graph/dtype'
import type { Values } from '../graph/operation'
import type { Pointer, TensorFlow } from './capi'

const dims = (shape: readonly number[]): BigInt64Array => BigInt64Array.from(shape, BigInt)

/** A tensor of TensorFlow's with a copy of the values; whoever made it deletes it. */
export const tensorOf = ({ api }: TensorFlow, dtype: Dtype, shape: readonly number[], values: Values): Pointer => {
  const bytes = elements(shape) * bytesOf(dtype)
  if (bytes !== values.byteLength) throw new RangeError(`${values.byteLength} bytes of values for a tensor of ${bytes}`)
  const tensor = api.AllocateTensor(dtype, dims(shape), shape.length, bytes)
  if (bytes > 0)
    new Uint8Array(koffi.view(api.TensorData(tensor), bytes)).set(
      new Uint8Array(values.buffer, values.byteOffset, values.byteLength),
    )
  return tensor
}

/** A copy of the values of a float32 tensor. */
export const floatsOf = ({ api }: TensorFlow, tensor: Pointer): Float32Array => {
  const bytes = Number(api.TensorByteSize(tensor))
  return bytes === 0 ? new Float32Array(0) : new Float32Array(koffi.view(api.TensorData(tensor), bytes).slice(0))
}

/** The shape of a tensor. */
export const shapeOf = ({ api }: TensorFlow, tensor: Pointer): readonly number[] =>
  Array.from({ length: api.NumDims(tensor) }, (_, axis) => Number(api.Dim(tensor, axis)))
