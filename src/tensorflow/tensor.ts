/** Values between JavaScript and TensorFlow's memory. */
import { koffi } from '../base/foreign'
import { elements } from '../base/shape'
import { bytesOf, type Dtype } from '../graph/dtype'
import type { Values } from '../graph/operation'
import type { Pointer, TensorFlow } from './capi'

const dims = (shape: readonly number[]): BigInt64Array => BigInt64Array.from(shape, BigInt)

/** Arrays of 2ⁱ bytes, the longest first: koffi keeps every type that it is told of, so that there is none for each length. */
const PIECES = Array.from({ length: 25 }, (_, i) => 2 ** (24 - i)).map((size) => ({ size, type: koffi.array('uint8_t', size) }))

/**
 * Copies values into TensorFlow's memory. A view of that memory would count as JavaScript's own: where much is fed, garbage would be collected all
 * the time.
 */
const fill = (data: Pointer, { buffer, byteOffset, byteLength }: Values): void => {
  let from = 0
  for (const { size, type } of PIECES)
    for (; byteLength - from >= size; from += size)
      koffi.encode(data, from, type, new Uint8Array(buffer, byteOffset + from, size))
}

/** A tensor of TensorFlow's with a copy of the values; whoever made it deletes it. */
export const tensorOf = ({ api }: TensorFlow, dtype: Dtype, shape: readonly number[], values: Values): Pointer => {
  const bytes = elements(shape) * bytesOf(dtype)
  if (bytes !== values.byteLength) throw new RangeError(`${values.byteLength} bytes of values for a tensor of ${bytes}`)
  const tensor = api.AllocateTensor(dtype, dims(shape), shape.length, bytes)
  if (bytes > 0) fill(api.TensorData(tensor), values)
  return tensor
}

/** A copy of the values of a float32 tensor. */
export const floatsOf = ({ api }: TensorFlow, tensor: Pointer): Float32Array => {
  const bytes = Number(api.TensorByteSize(tensor))
  return bytes === 0 ? new Float32Array(0) : new Float32Array(koffi.view(api.TensorData(tensor), bytes).slice(0))
}

/** Copies the values of a float32 tensor into an array that has room for as many from a place on; gives how many they are. */
export const takeFloats = ({ api }: TensorFlow, tensor: Pointer, into: Float32Array, at: number): number => {
  const bytes = Number(api.TensorByteSize(tensor))
  if (bytes > 0) into.set(new Float32Array(koffi.view(api.TensorData(tensor), bytes)), at)
  return bytes / Float32Array.BYTES_PER_ELEMENT
}

/** The shape of a tensor. */
export const shapeOf = ({ api }: TensorFlow, tensor: Pointer): readonly number[] =>
  Array.from({ length: api.NumDims(tensor) }, (_, axis) => Number(api.Dim(tensor, axis)))
