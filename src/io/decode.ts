/** Pictures in files (JPEG, PNG, WebP, GIF, TIFF, BMP, PPM and its kin) decoded to 8 bits a channel, with the values that Pillow gives. */

import * as E from 'fp-ts/Either'
import { type Failure, missing } from '../base/failure'
import type { Picture } from '../image/picture'
import { readFile } from './files'
import { readBmp } from './picture/bmp'
import { type Format, formatOf, isCutOff } from './picture/format'
import { readGif } from './picture/gif'
import { checkJpeg, jpegNotes } from './picture/jpeg'
import { type Notes, type Orientation, orientationOf } from './picture/orientation'
import { isDeepGreyPng, pngNotes } from './picture/png'
import { readPnm } from './picture/pnm'
import { type Raster, toPicture } from './picture/raster'
import { bySharp, loadSharp, NoSharp } from './picture/sharp'
import { isForSharp, readTiff, tiffPicture } from './picture/tiff'
import { turned } from './picture/turn'
import { inMegabytes, MOST_MEMORY, Undecodable } from './picture/undecodable'
import { webpNotes } from './picture/webp'
import { fileSize } from './readAt'

/** What is made of a picture. */
export interface Decoding {
  /** 3 for colour, 1 for grey; other pictures are converted. */
  readonly channels: 1 | 3
  /** Whether a picture is turned as its EXIF orientation says (Pillow's ImageOps.exif_transpose), or taken as it is stored. */
  readonly exif?: 'apply' | 'ignore'
}

/** A picture as it is stored, and which way up it is. */
interface Stored {
  readonly raster: Raster
  readonly orientation: Orientation
}

const undecodable = (name: string, reason: string): Failure =>
  missing(
    `${name} cannot be decoded: ${reason}`,
    'Remove the file, or replace it by a sound JPEG, PNG, WebP, GIF or TIFF picture.',
  )

/** What sharp makes of a picture. Why it can't, it says differently from run to run; here it is said in one way. */
const throughSharp = async (bytes: Uint8Array, format: Format): Promise<Raster> => {
  const open = await loadSharp()
  const rare = format === 'jpeg' ? checkJpeg(bytes) : undefined
  try {
    const image = open(bytes)
    return await bySharp(bytes, image, await image.metadata(), format === 'png' && isDeepGreyPng(bytes))
  } catch (error) {
    if (error instanceof Undecodable) throw error
    if (rare !== undefined) throw new Undecodable(`it is a ${rare} JPEG picture, which is not read here`)
    throw new Undecodable(isCutOff(format, bytes) ? 'it is cut off' : `its ${NAMES[format]} data are damaged`)
  }
}

const NAMES = {
  jpeg: 'JPEG',
  png: 'PNG',
  webp: 'WebP',
  tiff: 'TIFF',
  gif: 'GIF',
  bmp: 'BMP',
  pnm: 'PPM',
} as const satisfies Record<Format, string>

/** Where files say which way up they are. */
const NOTES: Readonly<Record<'jpeg' | 'png' | 'webp', (bytes: Uint8Array) => Notes>> = {
  jpeg: jpegNotes,
  png: pngNotes,
  webp: webpNotes,
}

/** Reads a picture of a known format, turned where that is asked for; TIFFs always are, as Pillow turns them whoever asks. */
const readStored = async (bytes: Uint8Array, format: Format, turn: boolean): Promise<Stored> => {
  switch (format) {
    case 'bmp':
      return { raster: readBmp(bytes), orientation: 1 }
    case 'pnm':
      return { raster: readPnm(bytes), orientation: 1 }
    case 'gif':
      return { raster: readGif(bytes), orientation: 1 }
    case 'tiff': {
      const picture = tiffPicture(bytes)
      const raster = isForSharp(picture) ? await throughSharp(bytes, format) : await readTiff(bytes, picture)
      return { raster, orientation: picture.orientation }
    }
    default:
      return {
        raster: await throughSharp(bytes, format),
        orientation: turn ? orientationOf(NOTES[format](bytes)) : 1,
      }
  }
}

/** What a file is that isn't read here, as far as sharp knows it. */
const otherFormat = async (bytes: Uint8Array): Promise<string> => {
  const open = await loadSharp()
  try {
    return `it is ${(await open(bytes).metadata()).format}, which is not read here`
  } catch {
    return 'Input buffer contains unsupported image format'
  }
}

const decode = async (
  bytes: Uint8Array,
  { channels, exif = 'ignore' }: Decoding,
  name: string,
): Promise<E.Either<Failure, Picture>> => {
  if (bytes.length === 0) return E.left(undecodable(name, 'it is empty'))
  const format = formatOf(bytes)
  try {
    if (format === undefined) throw new Undecodable(await otherFormat(bytes))
    const { raster, orientation } = await readStored(bytes, format, exif === 'apply')
    return E.right(turned(toPicture(raster, channels), orientation))
  } catch (error) {
    if (error instanceof NoSharp) return E.left(error.failure)
    if (error instanceof Undecodable) return E.left(undecodable(name, error.message))
    throw error
  }
}

/** Whether a picture called `name` has a length, in bytes, with which it is read at all. */
export const checkLength = (length: number, name: string): E.Either<Failure, number> =>
  length > MOST_MEMORY ? E.left(undecodable(name, `it has more than ${inMegabytes(MOST_MEMORY)}`)) : E.right(length)

/**
 * The picture in a file (a path) or in its bytes, called `name` in messages. Values are those of Pillow's
 * `convert('RGB')` and `convert('L')`: the first frame of an animation, palettes expanded, alpha dropped (not blended), no
 * colour profile; 16 bits a channel are reduced to their upper 8, but grey alone is clipped at 255. It is turned by its EXIF
 * orientation where that is asked for; TIFFs always are. Pictures of more than 178,956,970 pixels are refused, and those that take more than 600 MB of
 * memory to decode. A file that is no picture gives a `Missing` failure.
 */
export const decodePicture = async (
  input: string | Uint8Array,
  decoding: Decoding,
  name = typeof input === 'string' ? input : 'the picture',
): Promise<E.Either<Failure, Picture>> => {
  if (typeof input !== 'string') return decode(input, decoding, name)
  const size = await fileSize(input, 'the picture')()
  if (E.isLeft(size)) return size
  const readable = checkLength(size.right, name)
  if (E.isLeft(readable)) return readable
  const bytes = await readFile(input, 'the picture')()
  return E.isLeft(bytes) ? bytes : decode(bytes.right, decoding, name)
}
