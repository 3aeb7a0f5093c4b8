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
