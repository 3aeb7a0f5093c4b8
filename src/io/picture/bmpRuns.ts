/** The run-length encoding of BMP pictures of 4 and 8 bits (RLE4, RLE8), as Pillow reads it. */
import { Undecodable } from './undecodable'

const [END_OF_LINE, END_OF_PICTURE, DELTA] = [0, 1, 2]

/** The indices of all pixels, in the order of the file. */
export const bmpRuns = (bytes: Uint8Array, start: number, width: number, height: number, halves: boolean): Uint8Array => {
  const needed = width * height
  const indices = new Uint8Array(needed)
  let at = start
  /** How many pixels are known, and in which column of its row the next one is. */
  let count = 0
  let column = 0

  /** Adds pixels that the bytes from `at` on hold, or the one byte there over and over. */
  const add = (pixels: number, repeated: boolean): void => {
    for (let i = 0; i < pixels && count < needed; i++) {
      const byte = bytes[at + (repeated ? 0 : halves ? i >> 1 : i)]!
      indices[count++] = halves ? (i % 2 === 0 ? byte >> 4 : byte & 15) : byte
    }
  }
  const skip = (pixels: number): void => {
    count = Math.min(needed, count + pixels)
  }

  while (count < needed && at + 1 < bytes.length) {
    const pixels = bytes[at++]!
    if (pixels > 0) {
      const fitting = Math.max(0, Math.min(pixels, width - column))
      add(fitting, true)
      at++
      column += fitting
      continue
    }
    const code = bytes[at++]!
    if (code === END_OF_LINE) {
      skip((width - (count % width)) % width)
      column = 0
    } else if (code === END_OF_PICTURE) break
    else if (code === DELTA) {
      if (at + 2 > bytes.length) break
      skip(bytes[at]! + bytes[at + 1]! * width)
      at += 2
      column = count % width
    } else {
      const wanted = Math.min(needed - count, code)
      const length = halves ? (wanted + 1) >> 1 : wanted
      if (at + length > bytes.length) break
      add(wanted, false)
      at += length
      column += code
      // Runs begin at even places of the file.
      at += at % 2
    }
  }
  if (count < needed) throw new Undecodable(`its runs end after ${count} of ${needed} pixels`)
  return indices
}
