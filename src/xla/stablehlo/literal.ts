/** Numbers as StableHLO's text holds them, to the last bit. */
import { DTYPE, type Dtype } from '../../graph/dtype'

/** From so many on, numbers are written as their bytes. */
const MANY = 16

const FLOAT = new Float32Array(1)
const BITS = new Uint32Array(FLOAT.buffer)

const floatBits = (value: number): number => {
  FLOAT[0] = value
  return BITS[0]!
}

/** Rounded to the nearest, ties to even; what is no number stays none. */
const bfloatBits = (value: number): number => {
  const bits = floatBits(value)
  if (Number.isNaN(value)) return (bits >>> 16) | 0x40
  return ((bits + 0x7fff + ((bits >>> 16) & 1)) >>> 16) & 0xffff
}

const hex = (bits: number, digits: number): string => `0x${bits.toString(16).toUpperCase().padStart(digits, '0')}`

/** In decimal where that is short and exact, else by its bits. */
const floatText = (value: number): string => {
  const isPlain = Number.isFinite(value) && !Object.is(value, -0)
  const exact = isPlain
    ? [6, 9].map((digits) => value.toPrecision(digits)).find((text) => text.includes('.') && Math.fround(Number(text)) === value)
    : undefined
  return exact?.replace(/([.]\d+?)0+(e|$)/, '$1$2') ?? hex(floatBits(value), 8)
}

/** One number. */
const numberText = (dtype: Dtype, value: number): string => {
  switch (dtype) {
    case DTYPE.bool:
      return value === 0 ? 'false' : 'true'
    case DTYPE.float32:
      return floatText(Math.fround(value))
    case DTYPE.bfloat16:
      return hex(bfloatBits(value), 4)
    default:
      return String(value)
  }
}

/** The bytes of numbers, the least significant first; truth values have none that all parsers read alike. */
const bytesOf = (dtype: Dtype, values: ArrayLike<number>): Buffer | undefined => {
  switch (dtype) {
    case DTYPE.float32:
      return littleEndian(values, 4, (view, at, value) => view.setFloat32(at, value, true))
    case DTYPE.bfloat16:
      return littleEndian(values, 2, (view, at, value) => view.setUint16(at, bfloatBits(value), true))
    case DTYPE.int32:
      return littleEndian(values, 4, (view, at, value) => view.setInt32(at, value, true))
    case DTYPE.uint8:
      return Buffer.from(Uint8Array.from(values))
    default:
      return undefined
  }
}

const littleEndian = (
  values: ArrayLike<number>,
  size: number,
  set: (view: DataView, at: number, value: number) => void,
): Buffer => {
  const bytes = Buffer.alloc(values.length * size)
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  for (let i = 0; i < values.length; i++) set(view, i * size, values[i]!)
  return bytes
}

/** Numbers in nested brackets, one pair a dimension. */
const nested = (dtype: Dtype, shape: readonly number[], values: ArrayLike<number>): string => {
  const level = (axis: number, from: number, size: number): string => {
    if (axis === shape.length) return numberText(dtype, values[from]!)
    const inner = size / shape[axis]!
    return `[${Array.from({ length: shape[axis]! }, (_, i) => level(axis + 1, from + i * inner, inner)).join(', ')}]`
  }
  return level(0, 0, values.length)
}

/** The one number that all values are, bit for bit. */
export const uniform = (values: ArrayLike<number>): number | undefined => {
  const first = values[0]
  for (let i = 1; i < values.length; i++) if (!Object.is(values[i], first)) return undefined
  return first
}

/** One number in all places. */
export const splat = (dtype: Dtype, value: number): string => `dense<${numberText(dtype, value)}>`

/** A tensor's numbers. */
export const dense = (dtype: Dtype, shape: readonly number[], values: ArrayLike<number>): string => {
  if (values.length === 0) return 'dense<>'
  const only = uniform(values)
  if (only !== undefined) return splat(dtype, only)
  const bytes = values.length < MANY ? undefined : bytesOf(dtype, values)
  return bytes === undefined ? `dense<${nested(dtype, shape, values)}>` : `dense<"0x${bytes.toString('hex').toUpperCase()}">`
}
