/** Samples of TIFF pictures as 8-bit values. */
import { unpackBits } from './bits'
import type { TiffMode } from './tiffMode'

/** A row of samples, and where its values belong. */
export interface SampleRow {
  readonly bytes: Uint8Array
  /** Where the row begins. */
  readonly from: number
  readonly count: number
  /** Samples from one that is wanted to the next; 1 where each is. */
  readonly stride: number
  readonly target: Uint8Array
  /** Where the first value belongs, and how far it is to the next. */
  readonly at: number
  readonly step: number
}

type Put = (row: SampleRow) => void

const clip = (value: number): number => (value >= 255 ? 255 : value > 0 ? value : 0)

/** Values that `read` finds, each of `size` bytes. */
const reading =
  (size: number, read: (view: DataView, at: number) => number): Put =>
  ({ bytes, from, count, stride, target, at, step }) => {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    for (let i = 0; i < count; i++) target[at + i * step] = read(view, from + i * stride * size)
  }

const putByte: Put = ({ bytes, from, count, stride, target, at, step }) => {
  for (let i = 0; i < count; i++) target[at + i * step] = bytes[from + i * stride]!
}

const putUpper =
  (littleEndian: boolean): Put =>
  ({ bytes, from, count, stride, target, at, step }) => {
    const upper = from + (littleEndian ? 1 : 0)
    for (let i = 0; i < count; i++) target[at + i * step] = bytes[upper + 2 * i * stride]!
  }

/** Two values in three bytes, the highest bits first. */
const putUint12: Put = ({ bytes, from, count, target, at, step }) => {
  for (let i = 0; i < count; i++) {
    const byte = from + Math.floor((3 * i) / 2)
    const value = i % 2 === 0 ? (bytes[byte]! << 4) | (bytes[byte + 1]! >> 4) : ((bytes[byte]! & 15) << 8) | bytes[byte + 1]!
    target[at + i * step] = clip(value)
  }
}

/** Indices stay as they are, greys are spread over 0 to 255. */
const putBits =
  (bits: number, spread: boolean): Put =>
  ({ bytes, from, count, target, at }) =>
    unpackBits(bytes, from, bits, count, target, at, spread ? 255 / ((1 << bits) - 1) : 1)

/** What puts the samples of a mode, which have `bits` bits, into their places. */
export const putterOf = ({ sample, model }: TiffMode, bits: number, littleEndian: boolean): Put => {
  switch (sample) {
    case 'bits':
      return putBits(bits, model === 'grey')
    case 'byte':
      return putByte
    case 'upper':
      return putUpper(littleEndian)
    case 'uint12':
      return putUint12
    case 'uint16':
      return reading(2, (view, at) => clip(view.getUint16(at, littleEndian)))
    case 'int16':
      return reading(2, (view, at) => clip(view.getInt16(at, littleEndian)))
    case 'int32':
      return reading(4, (view, at) => clip(view.getInt32(at, littleEndian)))
    case 'float32':
      return reading(4, (view, at) => clip(view.getFloat32(at, littleEndian)))
  }
}

/** Divides colours by the alpha behind them, as Pillow does: 4 values a pixel, of which 3 are left. */
export const unpremultiplied = (rgba: Uint8Array): Uint8Array => {
  const rgb = new Uint8Array((rgba.length / 4) * 3)
  for (let from = 0, to = 0; from < rgba.length; from += 4) {
    const alpha = rgba[from + 3]!
    for (let color = 0; color < 3; color++)
      rgb[to++] =
        alpha === 0 ? 0 : alpha === 255 ? rgba[from + color]! : Math.min(255, Math.floor((rgba[from + color]! * 255) / alpha))
  }
  return rgb
}
