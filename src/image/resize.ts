import { type Box, crop, type Size } from './crop'
import { FRACTION, type Interpolation, type Weights, weights } from './filter'
import { blank, type Picture } from './picture'

/** The constant of the other module as one of this: the innermost loops would look the imported one up every time. */
const SHIFT = FRACTION
const HALF = 1 << (SHIFT - 1)

/** A sum of weighted bytes, in units of 2^-22, as the nearest byte. */
const toByte = (sum: number): number => Math.max(0, Math.min(sum >> SHIFT, 255))

/** A picture resampled to `width` pixels a row; of its input only the rows and columns of `box`. */
const resampleRows = (picture: Picture, [left, top, , height]: Box, width: number, { taps, first, count, weight }: Weights) => {
  const { channels, data } = picture
  const out = blank(width, height, channels)
  const target = out.data
  let to = 0
  for (let y = 0; y < height; y++) {
    const row = ((top + y) * picture.width + left) * channels
    for (let x = 0; x < width; x++) {
      const w = x * taps
      const end = w + count[x]!
      let at = row + first[x]! * channels
      let red = HALF
      if (channels === 1) {
        for (let i = w; i < end; i++) red = (red + Math.imul(data[at++]!, weight[i]!)) | 0
        target[to++] = toByte(red)
      } else {
        let green = HALF
        let blue = HALF
        for (let i = w; i < end; i++) {
          const by = weight[i]!
          red = (red + Math.imul(data[at]!, by)) | 0
          green = (green + Math.imul(data[at + 1]!, by)) | 0
          blue = (blue + Math.imul(data[at + 2]!, by)) | 0
          at += 3
        }
        target[to] = toByte(red)
        target[to + 1] = toByte(green)
        target[to + 2] = toByte(blue)
        to += 3
      }
    }
  }
  return out
}

/** A picture resampled to `height` pixels a column. */
const resampleColumns = ({ width, channels, data }: Picture, height: number, { taps, first, count, weight }: Weights) => {
  const out = blank(width, height, channels)
  const target = out.data
  const stride = width * channels
  for (let y = 0; y < height; y++) {
    const w = y * taps
    const end = w + count[y]!
    const top = first[y]! * stride
    for (let x = 0; x < stride; x++) {
      let sum = HALF
      for (let i = w, at = top + x; i < end; i++, at += stride) sum = (sum + Math.imul(data[at]!, weight[i]!)) | 0
      target[y * stride + x] = toByte(sum)
    }
  }
  return out
}

/** What `resize` makes of a picture. */
export interface Resizing {
  readonly interpolation: Interpolation
  /** The part of the picture to use, inside it; all of it unless given. */
  readonly box?: Box
  /** The size of the result. */
  readonly size: Size
}

/**
 * A picture, or a box cut out of it, resampled to another size with antialiasing: Pillow's `Image.resize`, torchvision's
 * `resize` and `resized_crop`.
 *
 * Rows are resampled first, then columns, with rounding to bytes in between, and a side that keeps its length is not
 * resampled: bit for bit what Pillow computed when iBOT was published. (Pillow 13 resamples columns first where that is
 * quicker, such as for tall boxes, which can move a value by a level.)
 */
export const resize =
  ({ interpolation, box, size: [height, width] }: Resizing) =>
  (picture: Picture): Picture => {
    const part = box ?? ([0, 0, picture.width, picture.height] as const)
    const [, , fromWidth, fromHeight] = part
    const rows =
      fromWidth === width ? crop(...part)(picture) : resampleRows(picture, part, width, weights(interpolation, fromWidth, width))
    return fromHeight === height ? rows : resampleColumns(rows, height, weights(interpolation, fromHeight, height))
  }
