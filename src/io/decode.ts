/** Compressed pictures (JPEG, PNG, WebP, GIF, TIFF) decoded to 8 bits a channel, by sharp, with the values that Pillow gives. */

import * as E from 'fp-ts/Either'
import * as TE from 'fp-ts/TaskEither'
import type { Metadata, Sharp } from 'sharp'
import { type Failure, missing } from '../base/failure'
import type { Picture } from '../image/picture'
import { readFile } from './files'

const FORMATS: readonly string[] = ['jpeg', 'png', 'webp', 'gif', 'tiff']

/** Pillow's limit, Image.MAX_IMAGE_PIXELS, above twice which it takes a picture for a decompression bomb. */
const MOST_PIXELS = 2 * 89_478_485

/** What is made of a picture. */
export interface Decoding {
  /** 3 for colour, 1 for grey; other pictures are converted. */
  readonly channels: 1 | 3
  /** Whether a picture is turned as its EXIF orientation says (Pillow's ImageOps.exif_transpose), or taken as it is stored. */
  readonly exif?: 'apply' | 'ignore'
}

type Open = (bytes: Uint8Array) => Sharp

/**
 * What opens pictures: sharp, loaded when the first one is read, as it takes long to load and most commands need none. Its
 * cache of operations is off, as no picture is decoded twice in a row. Like Pillow it neither applies the colour profile
 * nor forgives a picture that is cut off.
 */
const openSharp: TE.TaskEither<Failure, Open> = TE.tryCatch(
  async () => {
    const { default: sharp } = await import('sharp')
    sharp.cache(false)
    return (bytes) => sharp(bytes, { ignoreIcc: true, failOn: 'error', limitInputPixels: MOST_PIXELS })
  },
  (error) =>
    missing(
      `sharp, the package that decodes pictures, cannot be loaded: ${firstLine(error)}`,
      'npm install sharp, on a machine of the same kind as this one',
    ),
)

let opened: Promise<E.Either<Failure, Open>> | undefined
const loadSharp = (): Promise<E.Either<Failure, Open>> => {
  opened ??= openSharp()
  return opened
}

const firstLine = (error: unknown): string => (error as Error).message.split('\n')[0]!

/** a·b/255, rounded. */
const multiply = (a: number, b: number): number => {
  const product = a * b + 128
  return (product + (product >> 8)) >> 8
}

/** Pillow's way from inks to light, without a profile; 4 values a pixel become 3. */
const fromCmyk = (data: Uint8Array): Uint8Array => {
  const rgb = new Uint8Array((data.length / 4) * 3)
  for (let from = 0, to = 0; from < data.length; from += 4) {
    const light = 255 - data[from + 3]!
    for (let ink = 0; ink < 3; ink++) rgb[to++] = light - multiply(data[from + ink]!, light)
  }
  return rgb
}

/** Luma of ITU-R BT.601, in Pillow's 16-bit fixed point; 3 values a pixel become 1. */
const toGrey = (rgb: Uint8Array): Uint8Array =>
  Uint8Array.from({ length: rgb.length / 3 }, (_, i) => {
    const at = 3 * i
    return (rgb[at]! * 19595 + rgb[at + 1]! * 38470 + rgb[at + 2]! * 7471 + 0x8000) >> 16
  })

/** Pillow's way from grey of more than 8 bits: values above 255 are white. 1 value a pixel becomes 3. */
const fromDeepGrey = (grey: Int32Array): Uint8Array =>
  Uint8Array.from({ length: 3 * grey.length }, (_, i) => Math.min(255, Math.max(0, grey[Math.floor(i / 3)]!)))

const deepGreyToRgb = async (image: Sharp, space: 'b-w' | 'grey16') => {
  // In its own space, so that sharp doesn't scale the values.
  const own = image.pipelineColourspace(space).toColourspace(space)
  const { data, info } = await own.raw({ depth: 'int' }).toBuffer({ resolveWithObject: true })
  const grey = new Int32Array(Uint8Array.from(data).buffer)
  return { width: info.width, height: info.height, data: fromDeepGrey(grey) }
}

const toRgb = async (image: Sharp, { space, hasAlpha, channels, depth }: Metadata) => {
  if (channels === 1 && depth !== 'uchar' && (space === 'b-w' || space === 'grey16')) return deepGreyToRgb(image, space)
  const cmyk = space === 'cmyk'
  // sharp would convert inks by a profile of its own; Pillow uses none.
  const converted = cmyk ? image.pipelineColourspace('cmyk').toColourspace('cmyk') : image.toColourspace('srgb')
  const opaque = hasAlpha ? converted.removeAlpha() : converted
  const { data, info } = await opaque.raw({ depth: 'uchar' }).toBuffer({ resolveWithObject: true })
  return {
    width: info.width,
    height: info.height,
    data: cmyk ? fromCmyk(data) : new Uint8Array(data.buffer, data.byteOffset, data.length),
  }
}

const undecodable = (name: string, reason: string): Failure =>
  missing(
    `${name} cannot be decoded: ${reason}`,
    'Remove the file, or replace it by a sound JPEG, PNG, WebP, GIF or TIFF picture.',
  )

/** What sharp says, but of a picture that is too large. */
const reasonOf = (error: unknown): string => {
  const reason = firstLine(error)
  return reason.includes('pixel limit') ? `it has more than ${MOST_PIXELS.toLocaleString('en-US')} pixels` : reason
}

const decode = async (
  bytes: Uint8Array,
  { channels, exif = 'ignore' }: Decoding,
  name: string,
): Promise<E.Either<Failure, Picture>> => {
  if (bytes.length === 0) return E.left(undecodable(name, 'it is empty'))
  const open = await loadSharp()
  if (E.isLeft(open)) return open
  try {
    const stored = open.right(bytes)
    const metadata = await stored.metadata()
    if (!FORMATS.includes(metadata.format)) return E.left(undecodable(name, `it is ${metadata.format}, which is not read here`))
    // Pillow turns TIFFs whoever asks.
    const image = exif === 'apply' || metadata.format === 'tiff' ? stored.autoOrient() : stored
    const { width, height, data } = await toRgb(image, metadata)
    return E.right({ width, height, channels, data: channels === 1 ? toGrey(data) : data })
  } catch (error) {
    return E.left(undecodable(name, reasonOf(error)))
  }
}

/**
 * The picture in a file (a path) or in its bytes, called `name` in messages. Values are those of Pillow's
 * `convert('RGB')` and `convert('L')`: the first frame of an animation, palettes expanded, alpha dropped (not blended), no
 * colour profile; 16 bits a channel are reduced to their upper 8, but grey alone is clipped at 255. It is turned by its EXIF
 * orientation where that is asked for; TIFFs always are. Pictures of more than 178,956,970 pixels are refused. A file that is no picture gives a `Missing`
 * failure.
 */
export const decodePicture = async (
  input: string | Uint8Array,
  decoding: Decoding,
  name = typeof input === 'string' ? input : 'the picture',
): Promise<E.Either<Failure, Picture>> => {
  if (typeof input !== 'string') return decode(input, decoding, name)
  const bytes = await readFile(input, 'the picture')()
  return E.isLeft(bytes) ? bytes : decode(bytes.right, decoding, name)
}
