import { mapColors } from './mapColors'
import type { Picture } from './picture'

/*
 * Pillow's 8-bit HSV: hue is 0–255 for a full turn. Quotients are rounded to float32 where Pillow does so and a byte
 * depends on it. Colours are packed into one integer, the first channel in the highest byte.
 */

const { fround } = Math

const pack = (first: number, second: number, third: number): number => (first << 16) | (second << 8) | third

/** The packed HSV of a colour given by bytes: Pillow's `convert('HSV')`, which truncates hue and saturation. */
export const rgbToHsv = (red: number, green: number, blue: number): number => {
  const most = Math.max(red, green, blue)
  const least = Math.min(red, green, blue)
  if (most === least) return most
  const range = most - least
  const fromRed = fround((most - red) / range)
  const fromGreen = fround((most - green) / range)
  const fromBlue = fround((most - blue) / range)
  const sixths =
    red === most
      ? fround(fromBlue - fromGreen)
      : green === most
        ? fround(2 + fromRed - fromBlue)
        : fround(4 + fromGreen - fromRed)
  const turn = sixths / 6
  const hue = fround(turn < 0 ? turn + 1 : turn)
  return pack(Math.trunc(hue * 255), Math.trunc(fround(range / most) * 255), most)
}

/** The packed RGB of a colour given by its HSV bytes: Pillow's `convert('RGB')`, which rounds. */
export const hsvToRgb = (hue: number, saturation: number, value: number): number => {
  if (saturation === 0) return pack(value, value, value)
  const sixths = (hue * 6) / 255
  const sector = Math.floor(sixths)
  const part = sixths - sector
  const colourful = saturation / 255
  const low = Math.round(value * (1 - colourful))
  const falling = Math.round(value * (1 - colourful * part))
  const rising = Math.round(value * (1 - colourful * (1 - part)))
  switch (sector % 6) {
    case 0:
      return pack(value, rising, low)
    case 1:
      return pack(falling, value, low)
    case 2:
      return pack(low, value, rising)
    case 3:
      return pack(low, falling, value)
    case 4:
      return pack(rising, low, value)
    default:
      return pack(value, low, falling)
  }
}

/** A share of a turn in the 256 steps of an 8-bit hue. */
export const hueSteps = (factor: number): number => Math.trunc(factor * 255)

/**
 * A picture with its hues turned by `factor` of a full turn, -0.5 to 0.5, in Pillow's 8-bit HSV: torchvision's
 * `adjust_hue`. A one-channel picture stays as it is.
 */
export const adjustHue = (factor: number): ((picture: Picture) => Picture) => {
  const turn = hueSteps(factor)
  return mapColors((red, green, blue) => {
    const hsv = rgbToHsv(red, green, blue)
    return hsvToRgb(((hsv >> 16) + turn) & 0xff, (hsv >> 8) & 0xff, hsv & 0xff)
  })
}
