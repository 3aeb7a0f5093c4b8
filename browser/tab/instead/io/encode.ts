/** Pictures as files, by a canvas. */
import type { Picture } from '../../../../src/image/picture'
import type * as original from '../../../../src/io/encode'

const rgbaOf = ({ width, height, channels, data }: Picture): ImageData => {
  const rgba = new Uint8ClampedArray(4 * width * height)
  for (let i = 0; i < width * height; i++) {
    for (let c = 0; c < 3; c++) rgba[4 * i + c] = data[channels * i + (channels === 1 ? 0 : c)]!
    rgba[4 * i + 3] = 255
  }
  return new ImageData(rgba, width, height)
}

const encoded = async (picture: Picture, options: ImageEncodeOptions): Promise<Uint8Array> => {
  const canvas = new OffscreenCanvas(picture.width, picture.height)
  canvas.getContext('2d')!.putImageData(rgbaOf(picture), 0, 0)
  return new Uint8Array(await (await canvas.convertToBlob(options)).arrayBuffer())
}

export const toPng: typeof original.toPng = (picture) => encoded(picture, { type: 'image/png' })

/** A browser that writes no WebP writes PNG, which whoever reads it knows by itself. */
export const toWebp: typeof original.toWebp = (picture) => encoded(picture, { type: 'image/webp', quality: 0.85 })
