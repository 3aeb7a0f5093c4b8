import type { Interpolation } from './filter'
import { blank, type Picture } from './picture'

/** Where a pixel of the result comes from: x' = a x + b y + c, y' = d x + e y + f, in pixels, whose middles lie at halves. */
export type Affine = readonly [a: number, b: number, c: number, d: number, e: number, f: number]

/** One value a channel, 0–255. */
export type Fill = readonly number[]

export interface Transforming {
  readonly matrix: Affine
  readonly interpolation: Interpolation
  /** What lies outside of the picture. */
  readonly fill: Fill
}

/** Between the second and the third of four values in a row, `d` from the second: Pillow's BICUBIC, the cubic kernel with a = -1. */
const cubic = (v1: number, v2: number, v3: number, v4: number, d: number): number =>
  v2 + d * (v3 - v1 + d * (2 * (v1 - v2) + v3 - v4 + d * (v2 - v1 - v3 + v4)))

const clamp = (value: number, most: number): number => (value < 0 ? 0 : value > most ? most : value)

/** Writes the pixel at (x, y) of a picture, whose middles of pixels lie at whole numbers here, into `target` from `to` on. */
type Sample = (x: number, y: number, target: Uint8Array, to: number) => void

const bilinear = ({ width, height, channels, data }: Picture): Sample => {
  const row = width * channels
  return (x, y, target, to) => {
    const [left, top] = [Math.floor(x), Math.floor(y)]
    const [dx, dy] = [x - left, y - top]
    const x0 = clamp(left, width - 1) * channels
    const x1 = clamp(left + 1, width - 1) * channels
    const y0 = clamp(top, height - 1) * row
    const y1 = clamp(top + 1, height - 1) * row
    for (let c = 0; c < channels; c++) {
      const upper = data[y0 + x0 + c]! + (data[y0 + x1 + c]! - data[y0 + x0 + c]!) * dx
      const lower = data[y1 + x0 + c]! + (data[y1 + x1 + c]! - data[y1 + x0 + c]!) * dx
      target[to + c] = upper + (lower - upper) * dy
    }
  }
}

const bicubic = ({ width, height, channels, data }: Picture): Sample => {
  const row = width * channels
  return (x, y, target, to) => {
    const [left, top] = [Math.floor(x), Math.floor(y)]
    const [dx, dy] = [x - left, y - top]
    const x0 = clamp(left - 1, width - 1) * channels
    const x1 = clamp(left, width - 1) * channels
    const x2 = clamp(left + 1, width - 1) * channels
    const x3 = clamp(left + 2, width - 1) * channels
    const y0 = clamp(top - 1, height - 1) * row
    const y1 = clamp(top, height - 1) * row
    const y2 = clamp(top + 1, height - 1) * row
    const y3 = clamp(top + 2, height - 1) * row
    // Most shears and translations keep to rows or to columns.
    if (dy === 0)
      for (let c = y1; c < y1 + channels; c++)
        target[to + c - y1] = clamp(cubic(data[c + x0]!, data[c + x1]!, data[c + x2]!, data[c + x3]!, dx), 255)
    else if (dx === 0)
      for (let c = x1; c < x1 + channels; c++)
        target[to + c - x1] = clamp(cubic(data[y0 + c]!, data[y1 + c]!, data[y2 + c]!, data[y3 + c]!, dy), 255)
    else
      for (let c = 0; c < channels; c++) {
        const value = cubic(
          cubic(data[y0 + x0 + c]!, data[y0 + x1 + c]!, data[y0 + x2 + c]!, data[y0 + x3 + c]!, dx),
          cubic(data[y1 + x0 + c]!, data[y1 + x1 + c]!, data[y1 + x2 + c]!, data[y1 + x3 + c]!, dx),
          cubic(data[y2 + x0 + c]!, data[y2 + x1 + c]!, data[y2 + x2 + c]!, data[y2 + x3 + c]!, dx),
          cubic(data[y3 + x0 + c]!, data[y3 + x1 + c]!, data[y3 + x2 + c]!, data[y3 + x3 + c]!, dx),
          dy,
        )
        target[to + c] = clamp(value, 255)
      }
  }
}

const SAMPLES: Readonly<Record<Interpolation, (picture: Picture) => Sample>> = { bilinear, bicubic }

/**
 * A picture of the same size whose pixels come from other places, between whose values it interpolates; nothing is averaged
 * over: Pillow's `Image.transform` with AFFINE, torchvision's `affine` of a PIL image. The edges are repeated by half a pixel.
 */
export const affine =
  ({ matrix: [a, b, c, d, e, f], interpolation, fill }: Transforming) =>
  (picture: Picture): Picture => {
    const { width, height, channels } = picture
    const out = blank(width, height, channels)
    const sample = SAMPLES[interpolation](picture)
    let to = 0
    for (let row = 0; row < height; row++)
      for (let column = 0; column < width; column++) {
        const x = a * (column + 0.5) + b * (row + 0.5) + c
        const y = d * (column + 0.5) + e * (row + 0.5) + f
        if (x >= 0 && x < width && y >= 0 && y < height) sample(x - 0.5, y - 0.5, out.data, to)
        else for (let i = 0; i < channels; i++) out.data[to + i] = fill[i]!
        to += channels
      }
    return out
  }
