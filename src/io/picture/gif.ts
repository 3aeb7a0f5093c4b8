/**
 * The first frame of a GIF picture, as Pillow gives it: colours of the palette, transparent or not; what the frame doesn't cover has the transparent
 * colour, or the first.
 *
 * Layout: the version, the size of the screen, a palette; then extensions (!), of which the graphic control says which colour is
 * transparent, and frames (,): place and size, a palette of its own, indices in LZW codes.
 */
import { gifCodes } from './gifCodes'
import type { Raster } from './raster'
import { checkSize, Undecodable } from './undecodable'

const [EXTENSION, FRAME, TRAILER] = [0x21, 0x2c, 0x3b]
const GRAPHIC_CONTROL = 0xf9
const cutOff = (): Undecodable => new Undecodable('it is cut off')

/** 256 colours; those that aren't there are black. */
const paletteAt = (bytes: Uint8Array, at: number, colors: number): Uint8Array => {
  if (at + 3 * colors > bytes.length) throw cutOff()
  const palette = new Uint8Array(3 * 256)
  palette.set(bytes.subarray(at, at + 3 * colors))
  return palette
}

/** Where the sub-blocks end that begin at a place. */
const endOfBlocks = (bytes: Uint8Array, start: number): number => {
  let at = start
  for (;;) {
    const length = bytes[at]
    if (length === undefined) throw cutOff()
    at += 1 + length
    if (length === 0) return at
  }
}

interface Frame {
  /** Where its description begins, behind the comma. */
  readonly at: number
  readonly transparent: number | undefined
}

/** The first frame; what comes before it that is no extension is passed over. */
const firstFrame = (bytes: Uint8Array, start: number): Frame => {
  let transparent: number | undefined
  for (let at = start; at < bytes.length; ) {
    const kind = bytes[at++]!
    if (kind === FRAME) return { at, transparent }
    if (kind === TRAILER) break
    if (kind === EXTENSION) {
      const [label, length = 0] = [bytes[at], bytes[at + 1]]
      if (label === GRAPHIC_CONTROL && length >= 4 && (bytes[at + 2]! & 1) === 1) transparent = bytes[at + 5]
      at = endOfBlocks(bytes, at + 1)
    }
  }
  throw new Undecodable('it holds no frame, or is cut off before it')
}

/** The rows of a frame in the order in which they are stored: every 8th, every 8th from the 5th, every 4th from the 3rd, the others. */
const rowsOf = (height: number, interlaced: boolean): Iterable<number> => {
  if (!interlaced) return Array.from({ length: height }, (_, row) => row)
  const passes = [
    [0, 8],
    [4, 8],
    [2, 4],
    [1, 2],
  ] as const
  return passes.flatMap(([first, step]) =>
    Array.from({ length: Math.max(0, Math.ceil((height - first) / step)) }, (_, i) => first + i * step),
  )
}

/** A palette that gives every index its own number as grey; Pillow has none then. */
const isIdentity = (palette: Uint8Array, colors: number): boolean =>
  palette.subarray(0, 3 * colors).every((value, i) => value === Math.floor(i / 3))

const paletteFlags = (flags: number): number => ((flags & 0x80) === 0 ? 0 : 2 << (flags & 7))

export const readGif = (bytes: Uint8Array): Raster => {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  if (bytes.length < 13) throw cutOff()
  const globalColors = paletteFlags(bytes[10]!)
  const globalPalette = globalColors === 0 ? undefined : paletteAt(bytes, 13, globalColors)
  const { at, transparent } = firstFrame(bytes, 13 + 3 * globalColors)
  if (at + 9 > bytes.length) throw cutOff()
  const [left, top, frameWidth, frameHeight] = [0, 2, 4, 6].map((place) => view.getUint16(at + place, true)) as [
    number,
    number,
    number,
    number,
  ]
  const flags = bytes[at + 8]!
  const localColors = paletteFlags(flags)
  const localPalette = localColors === 0 ? undefined : paletteAt(bytes, at + 9, localColors)
  const globalGrey = globalPalette === undefined || isIdentity(globalPalette, globalColors)
  const grey = localPalette === undefined ? globalGrey : isIdentity(localPalette, localColors)
  if (grey && !globalGrey)
    throw new Undecodable(
      'it is a GIF picture whose first frame has a palette of greys beside another one, which Pillow decodes wrongly; it is unsupported',
    )
  const width = Math.max(view.getUint16(6, true), left + frameWidth)
  const height = Math.max(view.getUint16(8, true), top + frameHeight)
  checkSize(width, height, 5, bytes)
  checkSize(frameWidth, frameHeight, 1, bytes)
  const indices = gifCodes(bytes, at + 9 + 3 * localColors, frameWidth * frameHeight)
  const data = new Uint8Array(width * height).fill(transparent ?? 0)
  let stored = 0
  for (const row of rowsOf(frameHeight, (flags & 0x40) !== 0)) {
    data.set(indices.subarray(stored, stored + frameWidth), (top + row) * width + left)
    stored += frameWidth
  }
  return grey
    ? { width, height, model: 'grey', data }
    : { width, height, model: 'indexed', data, palette: localPalette ?? globalPalette }
}
