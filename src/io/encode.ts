/** Pictures on sheets, and as files, by sharp: PNG, which keeps every value, and WebP, which is small. */
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

/** Pictures, or a drawing in SVG, on a white sheet of this size, which must hold them. */
export const sheet = async (width: number, height: number, placed: readonly Placed[], drawing?: string): Promise<Picture> => {
  const layers = placed.map(
    ({ picture, left, top }): OverlayOptions => ({
      input: Buffer.from(picture.data.buffer, picture.data.byteOffset, picture.data.byteLength),
      raw: { width: picture.width, height: picture.height, channels: picture.channels },
      left,
      top,
    }),
  )
  const over: readonly OverlayOptions[] = drawing === undefined ? [] : [{ input: Buffer.from(drawing), left: 0, top: 0 }]
  const white = (await sharpOf())({ create: { width, height, channels: 3, background: 'white' } })
  const data = await white
    .composite([...layers, ...over])
    .removeAlpha()
    .raw()
    .toBuffer()
  return { width, height, channels: 3, data: new Uint8Array(data) }
}
