/** Pictures decoded by sharp: JPEG, PNG, WebP, and what libtiff unpacks. */
import * as E from 'fp-ts/Either'
import * as TE from 'fp-ts/TaskEither'
import type { Metadata, Sharp } from 'sharp'
import { defect, type Failure, missing } from '../../base/failure'
import { isTooManyFiles } from '../../base/handles'
import type { Raster } from './raster'
import { checkSize, Undecodable } from './undecodable'

export type OpenSharp = (bytes: Uint8Array) => Sharp

/**
 * What opens pictures: sharp, loaded when the first one is read, as it takes long to load and most commands need none. Its
 * cache of operations is off, as no picture is decoded twice in a row. Like Pillow it neither applies the colour profile
 * nor forgives a picture that is cut off.
 */
const openSharp: TE.TaskEither<Failure, OpenSharp> = TE.tryCatch(
  async () => {
    const { default: sharp } = await import('sharp')
    sharp.cache(false)
    return (bytes) => sharp(bytes, { ignoreIcc: true, failOn: 'error', limitInputPixels: false })
  },
  (error) =>
    isTooManyFiles(error)
      ? defect(error)
      : missing(
          `sharp, the package that decodes pictures, cannot be loaded: ${(error as Error).message.split('\n')[0]!}`,
          'npm install sharp, on a machine of the same kind as this one',
        ),
)

/** Thrown inside where sharp can't be loaded; never leaves the decoder. */
export class NoSharp extends Error {
  constructor(readonly failure: Failure) {
    super()
  }
}

let opened: Promise<E.Either<Failure, OpenSharp>> | undefined
export const loadSharp = async (): Promise<OpenSharp> => {
  opened ??= openSharp()
  const open = await opened
  if (E.isLeft(open)) throw new NoSharp(open.left)
  return open.right
}

/** How many bytes decoding takes a pixel. */
const memoryOf = ({ format, space, channels = 3, isProgressive, depth }: Metadata): number => {
  // A whole frame with alpha, which WebP always has, and what it is made of.
  if (format === 'webp') return 8
  const made = space === 'cmyk' ? 7 : depth === 'ushort' && channels < 3 ? 5 : Math.max(3, channels)
  // The coefficients of all scans, which take longer too; or a picture whose rows don't come in their order.
  return made + (isProgressive ? (format === 'jpeg' ? 3 : 1) * channels : 0)
}

const bytesOf = (data: Buffer): Uint8Array => new Uint8Array(data.buffer, data.byteOffset, data.byteLength)

/** Grey of 16 bits, some of it transparent or none, clipped at 255 as Pillow does. */
const deepGrey = async (image: Sharp): Promise<Raster> => {
  // In its own space, so that sharp doesn't scale the values.
  const own = image.pipelineColourspace('grey16').toColourspace('grey16').extractChannel(0)
  const { data, info } = await own.raw({ depth: 'ushort' }).toBuffer({ resolveWithObject: true })
  const values = new Uint16Array(data.buffer, data.byteOffset, data.byteLength / 2)
  const grey = new Uint8Array(values.length)
  for (let i = 0; i < grey.length; i++) grey[i] = values[i]! > 255 ? 255 : values[i]!
  return { width: info.width, height: info.height, model: 'grey', data: grey }
}

/** What a picture holds; not turned, without its alpha. `isDeepGrey` tells grey of 16 bits without alpha from all others. */
export const bySharp = async (bytes: Uint8Array, image: Sharp, metadata: Metadata, isDeepGrey: boolean): Promise<Raster> => {
  const { space, hasAlpha, width, height } = metadata
  checkSize(width, height, memoryOf(metadata), bytes)
  if (isDeepGrey) return deepGrey(image)
  const cmyk = space === 'cmyk'
  // sharp would convert inks by a profile of its own; Pillow uses none.
  const converted = cmyk ? image.pipelineColourspace('cmyk').toColourspace('cmyk') : image.toColourspace('srgb')
  const opaque = hasAlpha ? converted.removeAlpha() : converted
  const { data, info } = await opaque.raw({ depth: 'uchar' }).toBuffer({ resolveWithObject: true })
  const expected = cmyk ? 4 : 3
  if (info.channels !== expected) throw new Undecodable(`it has ${info.channels} channels`)
  return { width: info.width, height: info.height, model: cmyk ? 'cmyk' : 'rgb', data: bytesOf(data) }
}
