/** Pictures as files, by sharp: PNG, which keeps every value, and WebP, which is small. */
import type { OverlayOptions } from 'sharp'
import type { Picture } from '../image/picture'

const sharpOf = async () => (await import('sharp')).default

/** A picture as PNG. */
export const toPng = async ({ width, height, channels, data }: Picture): Promise<Uint8Array> =>
  (await sharpOf())(data, { raw: { width, height, channels } }).png().toBuffer()

/** A picture as WebP of good but not perfect quality. */
export const toWebp = async ({ width, height, channels, data }: Picture): Promise<Uint8Array> =>
  (await sharpOf())(data, { raw: { width, height, channels } }).webp({ quality: 85 }).toBuffer()

/** Where a picture stands on a sheet, in pixels from the top left corner. */
export interface Placed {
  readonly picture: Picture
  readonly left: number
  readonly top: number
}

/** A file with the size of the picture in it. */
export interface Png {
  readonly png: Uint8Array
  readonly width: number
  readonly height: number
}

/** Pictures on a white sheet of this size, which must hold them, as PNG. */
export const sheetToPng = async (width: number, height: number, placed: readonly Placed[]): Promise<Png> => {
  const layers = placed.map(
    ({ picture, left, top }): OverlayOptions => ({
      input: Buffer.from(picture.data.buffer, picture.data.byteOffset, picture.data.byteLength),
      raw: { width: picture.width, height: picture.height, channels: picture.channels },
      left,
      top,
    }),
  )
  const sheet = (await sharpOf())({ create: { width, height, channels: 3, background: 'white' } })
  return { png: await sheet.composite(layers).removeAlpha().png().toBuffer(), width, height }
}
