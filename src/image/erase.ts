import type { Random } from '../base/random'
import type { Box, Size } from './crop'
import { roundHalfEven } from './round'

const TRIES = 10

/** What rectangles are drawn from. */
export interface Erasing {
  /** Their shares of the picture's area, which they have in common: [low, high]. */
  readonly area: readonly [low: number, high: number]
  /** Height over width: [low, high]. */
  readonly aspect: readonly [low: number, high: number]
  /** How many of them at most; how many is drawn, from 1 on. */
  readonly count: number
}

/**
 * Draws the rectangles that timm's `RandomErasing` erases. One that doesn't fit is drawn again, up to ten times; then it is left out,
 * and so is one that rounds to nothing.
 */
export const erasedBoxes = (draw: Random, [height, width]: Size, { area, aspect, count }: Erasing): readonly Box[] => {
  const boxes = 1 + draw.integer(count)
  const one = (): readonly Box[] => {
    for (let i = 0; i < TRIES; i++) {
      const pixels = (height * width * draw.between(...area)) / boxes
      const ratio = Math.exp(draw.between(Math.log(aspect[0]), Math.log(aspect[1])))
      const [h, w] = [roundHalfEven(Math.sqrt(pixels * ratio)), roundHalfEven(Math.sqrt(pixels / ratio))]
      if (w >= width || h >= height) continue
      const top = draw.integer(height - h + 1)
      const left = draw.integer(width - w + 1)
      return h > 0 && w > 0 ? [[left, top, w, h]] : []
    }
    return []
  }
  return Array.from({ length: boxes }, one).flat()
}

/** Writes `values`, row by row, over a rectangle of a normalised picture of so many pixels a row, its channels last. */
export const writeBox = (
  picture: Float32Array,
  { width, channels }: { readonly width: number; readonly channels: number },
  [left, top, w, h]: Box,
  values: Float32Array,
): void => {
  for (let y = 0; y < h; y++)
    picture.set(values.subarray(y * w * channels, (y + 1) * w * channels), ((top + y) * width + left) * channels)
}
