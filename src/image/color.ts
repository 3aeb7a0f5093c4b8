import { blend } from './blend'
import { mapColors } from './mapColors'
import type { Picture } from './picture'
import { point, pointTable } from './point'

export { adjustHue } from './hue'

const { fround } = Math

const pack = (red: number, green: number, blue: number): number => (red << 16) | (green << 8) | blue

/** Luma of a colour given by bytes, 0–255 (ITU-R 601-2, as Pillow's `convert('L')` computes it). */
export const luma = (red: number, green: number, blue: number): number =>
  (19595 * red + 38470 * green + 7471 * blue + 0x8000) >> 16

/** The sum of the lumas of all pixels. */
const lumaSum = ({ channels, data }: Picture): number => {
  let sum = 0
  if (channels === 1) for (let i = 0; i < data.length; i++) sum += data[i]!
  else for (let i = 0; i < data.length; i += 3) sum += luma(data[i]!, data[i + 1]!, data[i + 2]!)
  return sum
}

/** What a value becomes under `adjustBrightness`, for `point`. */
export const brightnessTable = (factor: number): Uint8Array => {
  const f = fround(factor)
  return pointTable((x) => blend(0, x, f))
}

/** What a value becomes under `adjustContrast` in a picture of so many pixels with this sum of lumas, for `point`. */
export const contrastTable = (factor: number, lumas: number, pixels: number): Uint8Array => {
  const f = fround(factor)
  const mean = Math.floor(lumas / pixels + 0.5)
  return pointTable((x) => blend(mean, x, f))
}

/**
 * A picture with all values multiplied by `factor` ≥ 0 (1 changes nothing): torchvision's `adjust_brightness`, Pillow's
 * `ImageEnhance.Brightness`.
 */
export const adjustBrightness = (factor: number): ((picture: Picture) => Picture) => point(brightnessTable(factor))

/**
 * A picture whose values' distances from its mean luma are multiplied by `factor` ≥ 0 (1 changes nothing): torchvision's
 * `adjust_contrast`, Pillow's `ImageEnhance.Contrast`.
 */
export const adjustContrast =
  (factor: number) =>
  (picture: Picture): Picture =>
    point(contrastTable(factor, lumaSum(picture), picture.width * picture.height))(picture)

/**
 * A picture whose values' distances from their pixel's luma are multiplied by `factor` ≥ 0 (0 gives grey, 1 changes
 * nothing): torchvision's `adjust_saturation`, Pillow's `ImageEnhance.Color`. A one-channel picture stays as it is.
 */
export const adjustSaturation = (factor: number): ((picture: Picture) => Picture) => {
  const f = fround(factor)
  return mapColors((red, green, blue) => {
    const grey = luma(red, green, blue)
    return pack(blend(grey, red, f), blend(grey, green, f), blend(grey, blue, f))
  })
}

/** A picture with every channel replaced by the luma, as many channels as before: torchvision's `rgb_to_grayscale`. */
export const grayscale: (picture: Picture) => Picture = mapColors((red, green, blue) => {
  const grey = luma(red, green, blue)
  return pack(grey, grey, grey)
})
