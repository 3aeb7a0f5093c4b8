/** Element types of stored arrays, and the arrays that hold them in memory. */

interface Arrays {
  readonly U64: BigUint64Array
  readonly I64: BigInt64Array
  readonly F64: Float64Array
  readonly F32: Float32Array
  readonly U32: Uint32Array
  readonly I32: Int32Array
  readonly U16: Uint16Array
  readonly I16: Int16Array
  readonly I8: Int8Array
  readonly U8: Uint8Array
  readonly BOOL: Uint8Array
}

export type Dtype = keyof Arrays

/** One array: its element type, its shape ([] is a scalar) and its elements, as many as the product of the shape. */
export type Entry = {
  [D in Dtype]: { readonly dtype: D; readonly shape: readonly number[]; readonly data: Arrays[D] }
}[Dtype]

/** The constructors of the arrays, widest elements first: the order in which safetensors files hold them. */
export const ARRAYS = {
  U64: BigUint64Array,
  I64: BigInt64Array,
  F64: Float64Array,
  F32: Float32Array,
  U32: Uint32Array,
  I32: Int32Array,
  U16: Uint16Array,
  I16: Int16Array,
  I8: Int8Array,
  U8: Uint8Array,
  BOOL: Uint8Array,
} as const

export const DTYPES = Object.keys(ARRAYS) as readonly Dtype[]

/** Element types that no array of JavaScript holds: they are widened to F32. */
export type Half = 'F16' | 'BF16'

export const isDtype = (text: unknown): text is Dtype => DTYPES.includes(text as Dtype)

export const elementBytes = (dtype: Dtype | Half): number => (isDtype(dtype) ? ARRAYS[dtype].BYTES_PER_ELEMENT : 2)

/** IEEE 754 half precision, as bits, widened. */
const fromHalf = (bits: number): number => {
  const sign = bits & 0x8000 ? -1 : 1
  const exponent = (bits >>> 10) & 0x1f
  const fraction = bits & 0x3ff
  if (exponent === 0x1f) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN
  return exponent === 0 ? sign * fraction * 2 ** -24 : sign * (1024 + fraction) * 2 ** (exponent - 25)
}

const widen = (dtype: Half, bits: Uint16Array): Float32Array =>
  dtype === 'F16'
    ? Float32Array.from(bits, fromHalf)
    : new Float32Array(Uint32Array.from(bits, (value) => (value << 16) >>> 0).buffer)

/** The array that `bytes` (little-endian, as the machine) hold: a view of them where they are aligned, else a copy. */
export const toEntry = (dtype: Dtype | Half, shape: readonly number[], bytes: Uint8Array): Entry => {
  const size = elementBytes(dtype)
  const aligned = bytes.byteOffset % size === 0 ? bytes : new Uint8Array(bytes)
  // No array of this program lies in memory shared between threads.
  const buffer = aligned.buffer as ArrayBuffer
  const from = [buffer, aligned.byteOffset, bytes.length / size] as const
  return isDtype(dtype)
    ? ({ dtype, shape, data: new ARRAYS[dtype](...from) } as Entry)
    : { dtype: 'F32', shape, data: widen(dtype, new Uint16Array(...from)) }
}
