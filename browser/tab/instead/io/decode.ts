/** Pictures as the browser decodes them. Values of JPEGs may differ from Pillow's by a few steps of 255. */
import * as E from 'fp-ts/Either'
import { missing } from '../../../../src/base/failure'
import type * as original from '../../../../src/io/decode'
import { toPicture } from '../../../../src/io/picture/raster'
import { droppedFile } from '../../dropped'

/** Without the fourth value of each pixel. */
const withoutAlpha = (rgba: Uint8ClampedArray): Uint8Array => {
  const rgb = new Uint8Array((rgba.length / 4) * 3)
  for (let from = 0, to = 0; from < rgba.length; from += 4) {
    rgb[to++] = rgba[from]!
    rgb[to++] = rgba[from + 1]!
    rgb[to++] = rgba[from + 2]!
  }
  return rgb
}

const pixelsOf = (bitmap: ImageBitmap): ImageData => {
  const { width, height } = bitmap
  const context = new OffscreenCanvas(width, height).getContext('2d', { willReadFrequently: true })!
  context.drawImage(bitmap, 0, 0)
  bitmap.close()
  return context.getImageData(0, 0, width, height)
}

export const decodePicture: typeof original.decodePicture = async (
  input,
  { channels, exif = 'ignore' },
  name = typeof input === 'string' ? input : 'the picture',
) => {
  const blob = typeof input === 'string' ? droppedFile(input) : new Blob([Uint8Array.from(input)])
  try {
    if (blob === undefined) throw new Error('it is gone')
    const bitmap = await createImageBitmap(blob, {
      colorSpaceConversion: 'none',
      imageOrientation: exif === 'apply' ? 'from-image' : ('none' as ImageOrientation),
    })
    const { width, height, data } = pixelsOf(bitmap)
    return E.right(toPicture({ width, height, model: 'rgb', data: withoutAlpha(data) }, channels))
  } catch (error) {
    return E.left(
      missing(
        `${name} cannot be decoded: ${error instanceof Error ? error.message : String(error)}`,
        'Take the file out, or put a sound JPEG, PNG, WebP or GIF picture in its place, and drop the folder again.',
      ),
    )
  }
}
