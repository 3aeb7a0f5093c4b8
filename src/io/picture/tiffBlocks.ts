/** The strips and tiles of a TIFF picture, unpacked. */
import { inflateSync } from 'node:zlib'
import { unpackLzw } from './lzw'
import { Undecodable } from './undecodable'

/** How a block is unpacked: `length` bytes, what follows them is left. Where nothing is packed, they are those of the file itself. */
export type Unpack = (packed: Uint8Array, length: number) => Uint8Array

const cutOff = (): Undecodable => new Undecodable('it is cut off')

const unpackRaw: Unpack = (packed, length) => {
  if (packed.length < length) throw cutOff()
  return packed.subarray(0, length)
}

/** Codes with the highest bits first, which get longer one early. */
const unpackTiffLzw: Unpack = (packed, length) => {
  // Very old files have the lowest bits first, and begin with the code to clear in that order.
  if (packed[0] === 0 && (packed[1]! & 1) === 1)
    throw new Undecodable('it is a TIFF picture with LZW codes of version 5.0, which are not read here')
  let [buffer, held, at] = [0, 0, 0]
  const next = (size: number): number => {
    while (held < size) {
      if (at === packed.length) return -1
      buffer = ((buffer & 0xfff) << 8) | packed[at++]!
      held += 8
    }
    held -= size
    return (buffer >> held) & ((1 << size) - 1)
  }
  const target = new Uint8Array(length)
  unpackLzw({ bits: 8, next, early: 1 }, target, 'LZW')
  return target
}

const unpackPackBits: Unpack = (packed, length) => {
  const target = new Uint8Array(length)
  let filled = 0
  for (let at = 0; filled < length; ) {
    const count = packed[at++]
    if (count === undefined) throw cutOff()
    if (count === 128) continue
    const wanted = count < 128 ? count + 1 : 257 - count
    if (at + (count < 128 ? wanted : 1) > packed.length) throw cutOff()
    const taken = Math.min(wanted, length - filled)
    if (count < 128) target.set(packed.subarray(at, at + taken), filled)
    else target.fill(packed[at]!, filled, filled + taken)
    at += count < 128 ? wanted : 1
    filled += taken
  }
  return target
}

/** Some writers pack whole strips, however few rows the last one has; what is above isn't meant. */
const SLACK = 2 ** 20

const unpackDeflate: Unpack = (packed, length) => {
  try {
    return unpackRaw(inflateSync(packed, { maxOutputLength: length + SLACK }), length)
  } catch {
    throw new Undecodable('its deflated data are damaged or cut off')
  }
}

const unpackZstd = async (): Promise<Unpack> => {
  const { decompressZstd } = await import('hyparquet-compressors')
  return (packed, length) => {
    try {
      return unpackRaw(decompressZstd(packed, new Uint8Array(length)), length)
    } catch {
      throw new Undecodable('its Zstandard data are damaged or cut off')
    }
  }
}

const NAMES: Readonly<Record<number, string>> = {
  6: 'as JPEG in the old style',
  32771: 'as words of 16 bits',
  32809: 'by ThunderScan',
  34676: 'by SGILog',
  34677: 'by SGILog24',
  34712: 'as JPEG 2000',
  34887: 'by LERC',
  34925: 'by LZMA',
  50001: 'as WebP',
  50002: 'as JPEG XL',
  52546: 'as JPEG XL',
}

/** What unpacks blocks of a compression, by its number. */
export const unpackerOf = async (compression: number): Promise<Unpack> => {
  switch (compression) {
    case 1:
      return unpackRaw
    case 5:
      return unpackTiffLzw
    case 8:
    case 32946:
      return unpackDeflate
    case 32773:
      return unpackPackBits
    case 50000:
      return unpackZstd()
    default:
      throw new Undecodable(
        `it is a TIFF picture compressed ${NAMES[compression] ?? `in the way ${compression}`}, which is not read here`,
      )
  }
}

/** Reverses the bits of all bytes. */
export const reversed = (bytes: Uint8Array): Uint8Array =>
  bytes.map((byte) => {
    let result = 0
    for (let bit = 0; bit < 8; bit++) if (byte & (1 << bit)) result |= 0x80 >> bit
    return result
  })

/** How samples lie in a row. */
export interface RowLayout {
  /** Bytes of a row. */
  readonly rowBytes: number
  /** Samples between a sample and the next of its kind. */
  readonly stride: number
  readonly bits: number
  readonly littleEndian: boolean
}

/** Undoes the differences from sample to sample (Predictor 2), in place. */
export const undoDifferences = (bytes: Uint8Array, { rowBytes, stride, bits, littleEndian }: RowLayout): void => {
  if (bits !== 8 && bits !== 16 && bits !== 32)
    throw new Undecodable(`it is a TIFF picture of differences of ${bits} bits, which is not read here`)
  const size = bits / 8
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  for (let row = 0; row + rowBytes <= bytes.length; row += rowBytes)
    for (let at = row + stride * size; at < row + rowBytes; at += size) {
      const before = at - stride * size
      if (size === 1) bytes[at] = bytes[at]! + bytes[before]!
      else if (size === 2)
        view.setUint16(at, view.getUint16(at, littleEndian) + view.getUint16(before, littleEndian), littleEndian)
      else view.setUint32(at, view.getUint32(at, littleEndian) + view.getUint32(before, littleEndian), littleEndian)
    }
}

/** Undoes the differences of floating-point samples (Predictor 3), whose bytes lie in planes, the highest first; in place. */
export const undoFloatDifferences = (bytes: Uint8Array, { rowBytes, stride, bits, littleEndian }: RowLayout): void => {
  const size = bits / 8
  const samples = rowBytes / size
  const planes = new Uint8Array(rowBytes)
  for (let row = 0; row + rowBytes <= bytes.length; row += rowBytes) {
    planes.set(bytes.subarray(row, row + rowBytes))
    for (let i = stride; i < rowBytes; i++) planes[i] = planes[i]! + planes[i - stride]!
    for (let i = 0; i < samples; i++)
      for (let byte = 0; byte < size; byte++)
        bytes[row + i * size + (littleEndian ? size - 1 - byte : byte)] = planes[byte * samples + i]!
  }
}
