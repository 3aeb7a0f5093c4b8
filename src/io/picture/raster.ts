/** Pictures as files store them, 8 bits a value, and what Pillow's `convert('RGB')` and `convert('L')` make of them. */
import type { Picture } from '../../image/picture'

export interface Raster {
  readonly width: number
  readonly height: number
  /** What the values are: 1 a pixel, but 3 for `rgb` and `ycbcr`, 4 for `cmyk`. */
  readonly model: 'grey' | 'rgb' | 'indexed' | 'cmyk' | 'ycbcr'
  readonly data: Uint8Array
  /** Of `indexed`: 256 colours, 3 values each; black where the file has fewer. */
  readonly palette?: Uint8Array | undefined
}

/** How many values a pixel has. */
export const VALUES: Readonly<Record<Raster['model'], number>> = { grey: 1, indexed: 1, rgb: 3, ycbcr: 3, cmyk: 4 }

/** Luma of ITU-R BT.601, in Pillow's 16-bit fixed point. */
const luma = (red: number, green: number, blue: number): number => (red * 19595 + green * 38470 + blue * 7471 + 0x8000) >> 16

/** a·b/255, rounded. */
const multiply = (a: number, b: number): number => {
  const product = a * b + 128
  return (product + (product >> 8)) >> 8
}

const clip = (value: number): number => (value <= 0 ? 0 : value >= 255 ? 255 : value)

/** Pillow's tables from YCbCr, in 6-bit fixed point. */
const chroma = (factor: number): Int16Array =>
  Int16Array.from({ length: 256 }, (_, i) => Math.trunc((i - 128) * factor * 64 + 0.5))

const greyToRgb = (grey: Uint8Array): Uint8Array => {
  const rgb = new Uint8Array(3 * grey.length)
  for (let i = 0, to = 0; i < grey.length; i++) {
    const value = grey[i]!
    rgb[to++] = value
    rgb[to++] = value
    rgb[to++] = value
  }
  return rgb
}

const rgbToGrey = (rgb: Uint8Array): Uint8Array => {
  const grey = new Uint8Array(rgb.length / 3)
  for (let i = 0, at = 0; i < grey.length; i++, at += 3) grey[i] = luma(rgb[at]!, rgb[at + 1]!, rgb[at + 2]!)
  return grey
}

const looked = (indices: Uint8Array, palette: Uint8Array): Uint8Array => {
  const rgb = new Uint8Array(3 * indices.length)
  for (let i = 0, to = 0; i < indices.length; i++) {
    const from = 3 * indices[i]!
    rgb[to++] = palette[from]!
    rgb[to++] = palette[from + 1]!
    rgb[to++] = palette[from + 2]!
  }
  return rgb
}

const lookedGrey = (indices: Uint8Array, palette: Uint8Array): Uint8Array => {
  const shades = rgbToGrey(palette)
  const grey = new Uint8Array(indices.length)
  for (let i = 0; i < grey.length; i++) grey[i] = shades[indices[i]!]!
  return grey
}

/** Pillow's way from inks to light, without a profile. */
const cmykToRgb = (cmyk: Uint8Array): Uint8Array => {
  const rgb = new Uint8Array((cmyk.length / 4) * 3)
  for (let from = 0, to = 0; from < cmyk.length; from += 4) {
    const light = 255 - cmyk[from + 3]!
    for (let ink = 0; ink < 3; ink++) rgb[to++] = clip(light - multiply(cmyk[from + ink]!, light))
  }
  return rgb
}

const ycbcrToRgb = (ycbcr: Uint8Array): Uint8Array => {
  const [redCr, greenCb, greenCr, blueCb] = [chroma(1.402), chroma(-0.34414), chroma(-0.71414), chroma(1.772)]
  const rgb = new Uint8Array(ycbcr.length)
  for (let at = 0; at < rgb.length; at += 3) {
    const [y, cb, cr] = [ycbcr[at]!, ycbcr[at + 1]!, ycbcr[at + 2]!]
    rgb[at] = clip(y + (redCr[cr]! >> 6))
    rgb[at + 1] = clip(y + ((greenCb[cb]! + greenCr[cr]!) >> 6))
    rgb[at + 2] = clip(y + (blueCb[cb]! >> 6))
  }
  return rgb
}

const NO_PALETTE = new Uint8Array(3 * 256)

const rgbOf = ({ model, data, palette = NO_PALETTE }: Raster): Uint8Array => {
  switch (model) {
    case 'grey':
      return greyToRgb(data)
    case 'rgb':
      return data
    case 'indexed':
      return looked(data, palette)
    case 'cmyk':
      return cmykToRgb(data)
    case 'ycbcr':
      return ycbcrToRgb(data)
  }
}

const greyOf = (raster: Raster): Uint8Array => {
  const { model, data, palette = NO_PALETTE } = raster
  if (model === 'grey') return data
  if (model === 'indexed') return lookedGrey(data, palette)
  if (model === 'ycbcr') return data.filter((_, i) => i % 3 === 0)
  return rgbToGrey(rgbOf(raster))
}

/** The picture that Pillow's `convert('RGB')` or, for one channel, `convert('L')` gives. */
export const toPicture = (raster: Raster, channels: 1 | 3): Picture => ({
  width: raster.width,
  height: raster.height,
  channels,
  data: channels === 1 ? greyOf(raster) : rgbOf(raster),
})
