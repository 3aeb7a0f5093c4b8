/** Pictures of pictures: pure functions that enlarge, colour and cover pixels for people to look at. */
import { blank, type Picture } from '../image/picture'
import type { Grid } from '../ops/mask/kind'

/** What a hidden patch is covered with, and how much of the picture shows through, so that one sees what is to be guessed. */
const GREY = 128
const THROUGH = 0.2

/** A view with its hidden patches greyed, so much of them left; `hidden` has height × width cells, row by row. */
export const withMask = (picture: Picture, hidden: Uint8Array, grid: Grid, through = THROUGH): Picture => {
  const { width, height, channels } = picture
  const data = Uint8Array.from(picture.data)
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      const cell = Math.floor((y * grid.height) / height) * grid.width + Math.floor((x * grid.width) / width)
      if (hidden[cell] !== 1) continue
      for (let at = (y * width + x) * channels, end = at + channels; at < end; at++)
        data[at] = Math.round(through * data[at]! + (1 - through) * GREY)
    }
  return { width, height, channels, data }
}

/** What hidden patches are covered with: stripes on a veil of the same colour, which no picture has by itself, not even a grey one. */
export const HATCH = {
  color: [245, 158, 11],
  /** How much of the picture shows between the stripes. */
  through: 0.45,
  /** In pixels: from stripe to stripe, and the stripe. */
  period: 8,
  stripe: 2,
} as const

/** A picture as it is shown, in colour, with its hidden patches hatched; `hidden` has height × width cells, row by row. */
export const hatched = (picture: Picture, hidden: Uint8Array, grid: Grid): Picture => {
  const { width, height, channels } = picture
  const { color, through, period, stripe } = HATCH
  const out = blank(width, height, 3)
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      const cell = Math.floor((y * grid.height) / height) * grid.width + Math.floor((x * grid.width) / width)
      const left = hidden[cell] !== 1 ? 1 : (x + y) % period < stripe ? 0 : through
      for (let c = 0; c < 3; c++) {
        const value = picture.data[(y * width + x) * channels + (channels === 1 ? 0 : c)]!
        out.data[3 * (y * width + x) + c] = Math.round(left * value + (1 - left) * color[c]!)
      }
    }
  return out
}

/** A picture with every pixel as a square of `times` × `times`. */
export const enlarged =
  (times: number) =>
  ({ width, height, channels, data }: Picture): Picture => {
    const out = blank(width * times, height * times, channels)
    for (let y = 0; y < out.height; y++)
      for (let x = 0; x < out.width; x++) {
        const from = (Math.floor(y / times) * width + Math.floor(x / times)) * channels
        for (let c = 0; c < channels; c++) out.data[(y * out.width + x) * channels + c] = data[from + c]!
      }
    return out
  }

/** How many times pixels must be enlarged for a picture of this side to be seen well. */
export const enlargement = (side: number): number => Math.max(1, Math.round(SEEN_WELL / side))
const SEEN_WELL = 112
