import { blend } from './blend'
import { blank, type Picture } from './picture'

/**
 * The nearest byte to a thirteenth of each sum of nine smoothed values. Pillow adds in float32; as no sum is near a half, that
 * gives the same.
 */
const THIRTEENTHS = Uint8Array.from({ length: 13 * 255 + 1 }, (_, sum) => Math.floor((2 * sum + 13) / 26))

/**
 * A picture moved from its smoothed self (3 × 3, the middle five times; the outermost pixels as they are) to `factor` ≥ 0 times
 * their distance: 0 smooths, 1 changes nothing, more sharpens. Pillow's `ImageEnhance.Sharpness`, torchvision's `adjust_sharpness`.
 */
export const adjustSharpness =
  (factor: number) =>
  (picture: Picture): Picture => {
    const { width, height, channels, data } = picture
    const out = blank(width, height, channels)
    out.data.set(data)
    const f = Math.fround(factor)
    const target = out.data
    const row = width * channels
    for (let y = 1; y < height - 1; y++) {
      const end = (y + 1) * row - channels
      for (let i = y * row + channels; i < end; i++) {
        const [above, below] = [i - row, i + row]
        const x = data[i]!
        const sum =
          data[above - channels]! +
          data[above]! +
          data[above + channels]! +
          data[i - channels]! +
          5 * x +
          data[i + channels]! +
          data[below - channels]! +
          data[below]! +
          data[below + channels]!
        target[i] = blend(THIRTEENTHS[sum]!, x, f)
      }
    }
    return out
  }
