/** Values between JavaScript and TensorFlow's memory. */
import koffi from 'koffi'
import { elements } from '../base/shape'
import type { Pointer, TensorFlow } from './capi'
import { bytesOf, type Dtype } from './dtype'

export type Values = Float32Array | Int32Array | Uint8Array

const dims = (shape: readonly number[]): BigInt64Array => BigInt64Array.from(shape, BigInt)

/** Bytes that are copied at once: koffi has no larger arrays than of 64 MiB. */
const PIECE = 2 ** 24

/** A tensor of TensorFlow's with a copy of the values; whoever made it deletes it. */
export const tensorOf = ({ api }: TensorFlow, dtype: Dtype, shape: readonly number[], values: Values): Pointer => {
  const bytes = elements(shape) * bytesOf(dtype)
  if (bytes !== values.byteLength) throw new RangeError(`${values.byteLength} bytes of values for a tensor of ${bytes}`)
  const tensor = api.AllocateTensor(dtype, dims(shape), shape.length, bytes)
  const data = api.TensorData(tensor)
  // No view of it: JavaScript would count it as memory of its own, and collect garbage all the time where much is fed.
  for (let from = 0; from < bytes; from += PIECE) {
    const size = Math.min(PIECE, bytes - from)
    koffi.encode(data, from, 'uint8_t', new Uint8Array(values.buffer, values.byteOffset + from, size), size)
  }
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
