/**
 * Windows bitmaps (BMP).
 *
 * Layout: 14 bytes that begin with BM and say where the pixels are; a header, whose length (its first 4 bytes) tells its version;
 * masks of the colours (`BITFIELDS`) or a palette; the pixels, rows from the bottom (from the top where the height is negative), each filled up to 4
 * bytes. All numbers are little-endian.
 */
import { unpackBits } from './bits'
import { bmpRuns } from './bmpRuns'
import type { Raster } from './raster'
import { checkSize, Undecodable } from './undecodable'

interface Header {
  readonly width: number
  readonly height: number
  readonly topDown: boolean
  readonly bits: number
  readonly compression: number
  /** How many colours the palette has, and in how many bytes each. */
  readonly colors: number
  readonly colorBytes: 3 | 4
  /** Where it ends, masks included. */
  readonly end: number
  /** Of red, green, blue and alpha. */
  readonly masks: readonly number[]
  /** Where the pixels are; 0 where the file doesn't say it. */
  readonly pixels: number
}

const [RAW, RLE8, RLE4, BITFIELDS] = [0, 1, 2, 3]
const FILE_HEADER = 14
/** OS/2's, whose sizes have 16 bits and whose palettes 3 bytes a colour. */
const CORE_HEADER = 12
const HEADERS: readonly number[] = [CORE_HEADER, 40, 52, 56, 64, 108, 124]

const cutOff = (): Undecodable => new Undecodable('it is cut off')

const headerOf = (view: DataView): Header => {
  if (view.byteLength < FILE_HEADER + 4) throw cutOff()
  const pixels = view.getUint32(10, true)
  const length = view.getUint32(FILE_HEADER, true)
  if (!HEADERS.includes(length))
    throw new Undecodable(`it is a BMP picture with a header of ${length} bytes, which is not read here`)
  const end = FILE_HEADER + length
  const needed = length === 40 && view.byteLength > 33 && view.getUint32(30, true) === BITFIELDS ? end + 12 : end
  if (view.byteLength < needed) throw cutOff()
  if (length === CORE_HEADER) {
    const bits = view.getUint16(24, true)
    return {
      width: view.getUint16(18, true),
      height: view.getUint16(20, true),
      topDown: false,
      bits,
      compression: RAW!,
      colors: 2 ** bits,
      colorBytes: 3,
      end,
      masks: [],
      pixels,
    }
  }
  const written = view.getUint32(22, true)
  // Pillow's test: a height of more than 16 million rows is taken for a negative one.
  const topDown = written >= 0xff000000
  const bits = view.getUint16(28, true)
  const compression = view.getUint32(30, true)
  const maskAt = (i: number): number =>
    54 + 4 * i + 4 <= needed && (i < 3 || length >= 56) ? view.getUint32(54 + 4 * i, true) : 0
  return {
    width: view.getUint32(18, true),
    height: topDown ? 2 ** 32 - written : written,
    topDown,
    bits,
    compression,
    colors: view.getUint32(46, true) || 2 ** Math.min(bits, 32),
    colorBytes: 4,
    end: needed,
    masks: compression === BITFIELDS ? [0, 1, 2, 3].map(maskAt) : [],
    pixels,
  }
}

/** Which byte of a pixel of 4 is which colour, by the masks: those that Pillow knows. */
const BYTES: Readonly<Record<string, readonly [red: number, green: number, blue: number]>> = {
  'ff0000 ff00 ff 0': [2, 1, 0],
  'ff000000 ff0000 ff00 0': [3, 2, 1],
  'ff000000 ff00 ff 0': [3, 1, 0],
  'ff000000 ff0000 ff00 ff': [3, 2, 1],
  'ff ff00 ff0000 ff000000': [0, 1, 2],
  'ff0000 ff00 ff ff000000': [2, 1, 0],
  'ff000000 ff00 ff ff0000': [3, 1, 0],
  '0 0 0 0': [2, 1, 0],
}

/** Puts the colours of a row of bytes, from `at` on. */
type PutRow = (bytes: Uint8Array, from: number, width: number, target: Uint8Array, at: number) => void

const byBytes =
  (size: 3 | 4, [red, green, blue]: readonly [number, number, number]): PutRow =>
  (bytes, from, width, target, at) => {
    for (let i = 0, to = at; i < width; i++) {
      const pixel = from + i * size
      target[to++] = bytes[pixel + red]!
      target[to++] = bytes[pixel + green]!
      target[to++] = bytes[pixel + blue]!
    }
  }

/** Pixels of 16 bits: 5 bits a colour, or 6 for green. */
const byBits =
  (greenBits: 5 | 6): PutRow =>
  (bytes, from, width, target, at) => {
    const most = (1 << greenBits) - 1
    for (let i = 0, to = at; i < width; i++) {
      const pixel = bytes[from + 2 * i]! | (bytes[from + 2 * i + 1]! << 8)
      target[to++] = Math.floor((((pixel >> (5 + greenBits)) & 31) * 255) / 31)
      target[to++] = Math.floor((((pixel >> 5) & most) * 255) / most)
      target[to++] = Math.floor(((pixel & 31) * 255) / 31)
    }
  }

const NAMES: Readonly<Record<number, string>> = {
  4: 'JPEG',
  5: 'PNG',
  6: 'ALPHABITFIELDS',
  11: 'CMYK',
  12: 'CMYKRLE8',
  13: 'CMYKRLE4',
}

const noMode = (what: string): Undecodable => new Undecodable(`it is a BMP picture ${what}, which is not read here`)

const colorRows = ({ bits, compression, masks }: Header): PutRow => {
  if (compression !== RAW && compression !== BITFIELDS)
    throw noMode(`of ${bits} bits a pixel compressed as ${NAMES[compression] ?? compression}`)
  const written = masks.map((mask) => mask.toString(16)).join(' ')
  if (bits === 16 && compression === RAW) return byBits(5)
  if (bits === 16 && written.startsWith('7c00 3e0 1f ')) return byBits(5)
  if (bits === 16 && written.startsWith('f800 7e0 1f ')) return byBits(6)
  if (bits === 24 && (compression === RAW || written.startsWith('ff0000 ff00 ff '))) return byBytes(3, [2, 1, 0])
  const order = compression === RAW ? ([2, 1, 0] as const) : BYTES[written]
  if (bits === 32 && order !== undefined) return byBytes(4, order)
  throw noMode(`of ${bits} bits a pixel with the masks ${written}`)
}

const paletteOf = (bytes: Uint8Array, { end, colors, colorBytes }: Header): Uint8Array => {
  const palette = new Uint8Array(3 * 256)
  for (let i = 0; i < Math.min(256, colors) && end + (i + 1) * colorBytes <= bytes.length; i++)
    for (let color = 0; color < 3; color++) palette[3 * i + color] = bytes[end + i * colorBytes + 2 - color]!
  return palette
}

/** Calls `put` with where each row lies in the file and where it belongs in the picture, in the order of the file. */
const eachRow = (header: Header, from: number, bytes: Uint8Array, put: (row: number, at: number) => void): void => {
  const { width, height, bits, topDown } = header
  const stride = 4 * Math.ceil((width * bits) / 32)
  for (let row = 0; row < height; row++) {
    const at = from + row * stride
    if (at + Math.ceil((width * bits) / 8) > bytes.length) throw cutOff()
    put(topDown ? row : height - 1 - row, at)
  }
}

const indexed = (bytes: Uint8Array, header: Header, pixels: number): Raster => {
  const { width, height, bits, colors, compression, topDown } = header
  if (!(colors > 0 && colors <= 65_536)) throw noMode(`with a palette of ${colors} colours`)
  const data = new Uint8Array(width * height)
  if (compression === RLE8 || compression === RLE4) {
    const runs = bmpRuns(bytes, pixels, width, height, compression === RLE4)
    for (let row = 0; row < height; row++)
      data.set(runs.subarray(row * width, (row + 1) * width), (topDown ? row : height - 1 - row) * width)
  } else if (compression === RAW)
    eachRow(header, pixels, bytes, (row, at) => {
      if (bits === 8) data.set(bytes.subarray(at, at + width), row * width)
      else unpackBits(bytes, at, bits, width, data, row * width)
    })
  else throw noMode(`of ${bits} bits a pixel compressed as ${NAMES[compression] ?? compression}`)
  return { width, height, model: 'indexed', data, palette: paletteOf(bytes, header) }
}

/** Reads a BMP picture as Pillow does: alpha is dropped, and what Pillow doesn't know is refused. */
export const readBmp = (bytes: Uint8Array): Raster => {
  const header = headerOf(new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength))
  const { width, height, bits, colors, colorBytes, end } = header
  const paletted = bits === 1 || bits === 4 || bits === 8
  checkSize(width, height, paletted ? 5 : 3, bytes)
  const behind = end + (paletted ? colors * colorBytes : 0)
  // Some writers name the place behind the header though a palette follows.
  const pixels = header.pixels === 0 || (paletted && header.pixels === end) ? behind : header.pixels
  if (paletted) return indexed(bytes, header, pixels)
  if (bits !== 16 && bits !== 24 && bits !== 32) throw noMode(`of ${bits} bits a pixel`)
  const putRow = colorRows(header)
  if (pixels + Math.ceil((width * bits) / 8) * height > bytes.length) throw cutOff()
  const data = new Uint8Array(3 * width * height)
  eachRow(header, pixels, bytes, (row, at) => putRow(bytes, at, width, data, 3 * row * width))
  return { width, height, model: 'rgb', data }
}
