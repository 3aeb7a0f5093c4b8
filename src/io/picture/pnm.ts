/**
 * Portable bitmaps, graymaps, pixmaps and floatmaps (PBM, PGM, PPM, PFM).
 *
 * Layout: P and a digit, the width, the height and, but for bitmaps, the highest value, as text with blanks between and comments
 * from # to the end of the line; then the values, as text (P1 to P3) or as bytes, big-endian, behind one blank (P4 to P6, Pf).
 */
import { unpackBits } from './bits'
import type { Raster } from './raster'
import { checkSize, Undecodable } from './undecodable'

const [NEWLINE, RETURN, HASH, ZERO, NINE] = [0x0a, 0x0d, 0x23, 0x30, 0x39]
const isBlank = (byte: number): boolean => byte === 0x20 || (byte >= 0x09 && byte <= 0x0d)
/** No number that is meant is longer. */
const LONGEST_TOKEN = 10
const cutOff = (): Undecodable => new Undecodable('it is cut off')

/** Words of a text, one after the other. */
const tokens = (bytes: Uint8Array, start: number) => {
  let at = start
  const skipComment = (): void => {
    while (at < bytes.length && bytes[at] !== NEWLINE && bytes[at] !== RETURN) at++
  }
  /** To the next byte that is neither blank nor comment. */
  const skip = (): void => {
    for (; at < bytes.length && (isBlank(bytes[at]!) || bytes[at] === HASH); at++) if (bytes[at] === HASH) skipComment()
    if (at >= bytes.length) throw cutOff()
  }
  return {
    /** Where the next word begins, if one blank ended the last. */
    at: () => at + 1,
    digit: (): number => {
      skip()
      return bytes[at++]! - ZERO
    },
    word: (): string => {
      skip()
      const from = at
      while (at < bytes.length && !isBlank(bytes[at]!) && bytes[at] !== HASH && at - from <= LONGEST_TOKEN) at++
      const word = Buffer.from(bytes.subarray(from, at)).toString('latin1')
      if (word.length > LONGEST_TOKEN) throw new Undecodable(`it has ${JSON.stringify(word)}… where a number belongs`)
      return word
    },
    number: (): number => {
      skip()
      let value = 0
      const from = at
      for (; at < bytes.length && bytes[at]! >= ZERO && bytes[at]! <= NINE; at++) value = 10 * value + bytes[at]! - ZERO
      if (at === from || at - from > LONGEST_TOKEN || (at < bytes.length && !isBlank(bytes[at]!) && bytes[at] !== HASH))
        throw new Undecodable(
          `it has ${JSON.stringify(Buffer.from(bytes.subarray(from, from + LONGEST_TOKEN)).toString('latin1'))} where a number belongs`,
        )
      return value
    },
  }
}
type Tokens = ReturnType<typeof tokens>

/** To the nearest whole number, of two equally near ones the even one, as Python's `round`. */
const round = (value: number): number => {
  const below = Math.floor(value)
  const rest = value - below
  return rest > 0.5 || (rest === 0.5 && below % 2 === 1) ? below + 1 : below
}

/**
 * What each value becomes: scaled to 255; greys of more than 8 bits are scaled to 65,535, and what lies above 255 is white, as in Pillow.
 */
const shades = (highest: number, grey: boolean): Uint8Array => {
  const top = grey && highest > 255 ? 65_535 : 255
  // Values above the highest are in no sound file; Pillow clips them.
  return Uint8Array.from({ length: highest < 256 ? 256 : 65_536 }, (_, i) =>
    Math.min(255, top, highest === 255 ? i : round((i / highest) * top)),
  )
}

const fromBytes = (bytes: Uint8Array, start: number, count: number, highest: number, grey: boolean): Uint8Array => {
  const size = highest < 256 ? 1 : 2
  if (start + count * size > bytes.length) throw cutOff()
  if (highest === 255) return bytes.slice(start, start + count)
  const shade = shades(highest, grey)
  const values = new Uint8Array(count)
  for (let i = 0, at = start; i < count; i++, at += size)
    values[i] = shade[size === 1 ? bytes[at]! : (bytes[at]! << 8) | bytes[at + 1]!]!
  return values
}

const fromText = (text: Tokens, count: number, highest: number, grey: boolean): Uint8Array => {
  const shade = shades(highest, grey)
  const values = new Uint8Array(count)
  for (let i = 0; i < count; i++) {
    const value = text.number()
    if (value > highest) throw new Undecodable(`it has the value ${value}, and says that ${highest} is the highest`)
    values[i] = shade[value]!
  }
  return values
}

const bitmap = (bytes: Uint8Array, text: Tokens, plain: boolean, width: number, height: number): Uint8Array => {
  const data = new Uint8Array(width * height)
  if (plain)
    for (let i = 0; i < data.length; i++) {
      const digit = text.digit()
      if (digit !== 0 && digit !== 1) throw new Undecodable('it has other values than 0 and 1')
      data[i] = digit
    }
  else {
    const start = text.at()
    const stride = Math.ceil(width / 8)
    if (start + stride * height > bytes.length) throw cutOff()
    for (let row = 0; row < height; row++) unpackBits(bytes, start + row * stride, 1, width, data, row * width)
  }
  // 1 is black.
  for (let i = 0; i < data.length; i++) data[i] = data[i] === 0 ? 255 : 0
  return data
}

/** Rows from the bottom; clipped to 0–255 and cut to whole numbers. */
const floatmap = (bytes: Uint8Array, text: Tokens, width: number, height: number): Uint8Array => {
  const scale = Number(text.word())
  if (!Number.isFinite(scale) || scale === 0) throw new Undecodable('its scale is no number')
  const start = text.at()
  if (start + 4 * width * height > bytes.length) throw cutOff()
  const view = new DataView(bytes.buffer, bytes.byteOffset + start)
  const data = new Uint8Array(width * height)
  for (let row = 0; row < height; row++)
    for (let column = 0; column < width; column++) {
      const value = view.getFloat32(4 * (row * width + column), scale < 0)
      data[(height - 1 - row) * width + column] = value >= 255 ? 255 : value > 0 ? value : 0
    }
  return data
}

/** Pillow's own kinds, of 4 bytes a pixel. */
const fourBytes = (bytes: Uint8Array, text: Tokens, kind: string, width: number, height: number): Raster => {
  if (text.number() !== 255) throw new Undecodable('its highest value is not 255')
  const start = text.at()
  const data = bytes.slice(start, start + 4 * width * height)
  if (data.length < 4 * width * height) throw cutOff()
  if (kind !== 'yRGBA') return { width, height, model: 'cmyk', data }
  return { width, height, model: 'rgb', data: data.filter((_, i) => i % 4 < 3) }
}

/** Reads what Pillow reads: P1 to P6, Pf, P0CMYK, and what its tests have beside these. */
export const readPnm = (bytes: Uint8Array): Raster => {
  const kind = Buffer.from(bytes.subarray(1, 6)).toString('latin1').split(/\s/)[0]!
  const text = tokens(bytes, 1 + kind.length)
  const [width, height] = [text.number(), text.number()]
  const grey = kind !== '3' && kind !== '6'
  const model = grey ? 'grey' : 'rgb'
  checkSize(width, height, kind.length > 1 ? 7 : 4, bytes)
  if (kind.length > 1) return fourBytes(bytes, text, kind, width, height)
  if (kind === 'f') return { width, height, model, data: floatmap(bytes, text, width, height) }
  const plain = kind === '1' || kind === '2' || kind === '3'
  if (kind === '1' || kind === '4') return { width, height, model, data: bitmap(bytes, text, plain, width, height) }
  const highest = text.number()
  if (highest === 0 || highest > 65_535) throw new Undecodable(`its highest value is ${highest}, not 1 to 65535`)
  const count = width * height * (grey ? 1 : 3)
  // Not even one digit a value.
  if (bytes.length < count) throw cutOff()
  const data = plain ? fromText(text, count, highest, grey) : fromBytes(bytes, text.at(), count, highest, grey)
  return { width, height, model, data }
}
