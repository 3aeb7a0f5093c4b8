/** The first picture of a TIFF file, as Pillow reads it: what the tags say, and its strips or tiles put together. */
import { type Directory, readDirectory } from './ifd'
import { type Orientation, orientationOf } from './orientation'
import { type Raster, VALUES } from './raster'
import { type RowLayout, reversed, type Unpack, undoDifferences, undoFloatDifferences, unpackerOf } from './tiffBlocks'
import { modeInWords, type TiffMode, type TiffTags, tiffMode } from './tiffMode'
import { putterOf, unpremultiplied } from './tiffSamples'
import { BLACK_WHITE, LUMA, libtiffRgb } from './tiffYcbcr'
import { checkSize, Undecodable } from './undecodable'

const TAG = {
  width: 256,
  height: 257,
  bits: 258,
  compression: 259,
  photometric: 262,
  fillOrder: 266,
  stripOffsets: 273,
  orientation: 274,
  samples: 277,
  rowsPerStrip: 278,
  stripCounts: 279,
  planar: 284,
  predictor: 317,
  colors: 320,
  tileWidth: 322,
  tileHeight: 323,
  tileOffsets: 324,
  tileCounts: 325,
  extra: 338,
  format: 339,
  luma: 529,
  subsampling: 530,
  blackWhite: 532,
  xmp: 700,
} as const

/** Most samples that a pixel has among the modes that are read. */
const MOST_SAMPLES = 6

const isCount = (value: number): boolean => Number.isInteger(value) && value > 0

const firstOf = (directory: Directory, tag: number, fallback: number): number => directory.numbers(tag, 1)?.[0] ?? fallback

export interface TiffPicture {
  readonly width: number
  readonly height: number
  readonly compression: number
  readonly orientation: Orientation
  readonly directory: Directory
  readonly tags: TiffTags
  /** How many samples of a pixel are stored, those that the tags leave out included. */
  readonly stored: number
  /** Whether each kind of samples is stored apart. */
  readonly separate: boolean
}

/** What the tags say; as lenient as Pillow with what is left out. */
export const tiffPicture = (bytes: Uint8Array): TiffPicture => {
  const directory = readDirectory(bytes)
  const [width, height] = [directory?.numbers(TAG.width, 1)?.[0], directory?.numbers(TAG.height, 1)?.[0]]
  if (directory === undefined || width === undefined || height === undefined)
    throw new Undecodable('it is a TIFF file without the size of a picture, or is cut off')
  const compression = firstOf(directory, TAG.compression, 1)
  const separate = firstOf(directory, TAG.planar, 1) === 2
  const stored = firstOf(directory, TAG.samples, 1)
  const formats = directory.numbers(TAG.format) ?? [1]
  const bits = directory.numbers(TAG.bits) ?? [1]
  const extra = directory.numbers(TAG.extra) ?? []
  checkSize(width, height, 0, bytes)
  if (!isCount(stored) || stored > 1024)
    throw new Undecodable(`it is a TIFF picture of ${stored} samples a pixel, which is not read here`)
  // Unexplained samples that lie apart can be left apart.
  const left = separate && extra.every((kind) => kind === 0) ? stored - extra.length : stored
  const tags: TiffTags = {
    littleEndian: directory.littleEndian,
    photometric: firstOf(directory, TAG.photometric, 0),
    format: new Set(formats).size === 1 ? `${formats[0]}` : formats.join(),
    fillOrder: firstOf(directory, TAG.fillOrder, 1),
    bits: bits.length === 1 ? Array.from({ length: left }, () => bits[0]!) : bits.slice(0, left),
    extra: left === stored ? extra : [],
  }
  return {
    width,
    height,
    compression,
    orientation: orientationOf({ exif: bytes, xmp: directory.bytes(TAG.xmp) }),
    directory,
    tags,
    stored,
    separate,
  }
}

/** How the picture is divided: into strips as wide as it is, or tiles. */
interface Blocks {
  readonly tiled: boolean
  readonly width: number
  readonly height: number
  readonly across: number
  readonly down: number
  readonly offsets: readonly number[]
  readonly counts: readonly number[] | undefined
}

/** The blocks of so many planes. */
const blocksOf = ({ directory, width, height }: TiffPicture, planes: number): Blocks => {
  const tiled = directory.type(TAG.stripOffsets) === undefined
  if (tiled && directory.type(TAG.tileOffsets) === undefined)
    throw new Undecodable('it is a TIFF file that says of no strip or tile where it is')
  const blockWidth = tiled ? firstOf(directory, TAG.tileWidth, 0) : width
  const blockHeight = tiled
    ? firstOf(directory, TAG.tileHeight, 0)
    : Math.min(height, firstOf(directory, TAG.rowsPerStrip, height))
  if (!isCount(blockWidth) || !isCount(blockHeight))
    throw new Undecodable('it is a TIFF picture of strips or tiles without a size')
  const [across, down] = [Math.ceil(width / blockWidth), Math.ceil(height / blockHeight)]
  const count = across * down * planes
  const offsets = directory.numbers(tiled ? TAG.tileOffsets : TAG.stripOffsets, count) ?? []
  if (offsets.length < count) throw new Undecodable('it is a TIFF file in which some strips or tiles are missing')
  return {
    tiled,
    width: blockWidth,
    height: blockHeight,
    across,
    down,
    offsets,
    counts: directory.numbers(tiled ? TAG.tileCounts : TAG.stripCounts, count),
  }
}

/** How many bytes of the file each block takes. */
const lengthsOf = ({ compression }: TiffPicture, { offsets, counts }: Blocks, bytes: Uint8Array): readonly number[] => {
  // Pillow doesn't ask how long plain ones are.
  if (compression === 1) return offsets.map((offset) => Math.max(0, bytes.length - offset))
  const lengths = counts ?? (offsets.length === 1 ? [bytes.length] : [])
  if (lengths.length < offsets.length)
    throw new Undecodable('it is a TIFF file that says of some strips or tiles not how long they are')
  // Else a few bytes could be unpacked over and over.
  if (lengths.reduce((sum, length) => sum + length, 0) > 2 * bytes.length)
    throw new Undecodable('it is a TIFF file whose strips or tiles take more bytes than it has')
  return lengths
}

/** How a block is stored, and the values of a pixel that come of it. */
interface Storage {
  readonly unpack: Unpack
  readonly predictor: number
  readonly row: RowLayout
  readonly reverse: boolean
}

const storageOf = async (picture: TiffPicture, blockWidth: number): Promise<Storage> => {
  const { directory, compression, tags, stored, separate } = picture
  const bits = tags.bits[0]!
  const stride = separate ? 1 : stored
  const predictor = compression === 1 || compression === 32773 ? 1 : firstOf(directory, TAG.predictor, 1)
  if (predictor < 1 || predictor > 3 || (predictor === 3 && bits !== 32))
    throw new Undecodable(`it is a TIFF picture with predictor ${predictor}, which is not read here`)
  return {
    unpack: await unpackerOf(compression),
    predictor,
    row: { rowBytes: Math.ceil((blockWidth * stride * bits) / 8), stride, bits, littleEndian: tags.littleEndian },
    reverse: tags.fillOrder === 2,
  }
}

const blockBytes = (
  bytes: Uint8Array,
  at: number,
  length: number,
  { unpack, predictor, row, reverse }: Storage,
  rows: number,
): Uint8Array => {
  const packed = bytes.subarray(at, at + length)
  const target = unpack(reverse ? reversed(packed) : packed, row.rowBytes * rows)
  if (predictor === 2) undoDifferences(target, row)
  if (predictor === 3) undoFloatDifferences(target, row)
  return target
}

/** All values of a picture, `values` a pixel. */
const valuesOf = async (bytes: Uint8Array, picture: TiffPicture, mode: TiffMode, values: number): Promise<Uint8Array> => {
  const { width, height, compression, tags, stored, separate } = picture
  const plain = compression === 1
  const blocks = blocksOf(picture, separate ? values : 1)
  const perPixel = ((separate ? 1 : stored) * tags.bits[0]!) / 8
  checkSize(blocks.width, blocks.height, plain ? 1 : perPixel, bytes)
  const unpacked = plain ? 0 : 1 + (perPixel * blocks.width * blocks.height) / (width * height)
  checkSize(width, height, values + (mode.model === 'rgb' && !mode.premultiplied ? 0 : 3) + unpacked, bytes)
  const lengths = lengthsOf(picture, blocks, bytes)
  const storage = await storageOf(picture, blocks.width)
  const put = putterOf(mode, tags.bits[0]!, tags.littleEndian)
  const target = new Uint8Array(width * height * values)
  for (const [block, offset] of blocks.offsets.entries()) {
    const plane = Math.floor(block / (blocks.across * blocks.down))
    const [left, top] = [
      (block % blocks.across) * blocks.width,
      (Math.floor(block / blocks.across) % blocks.down) * blocks.height,
    ]
    const [columns, rows] = [Math.min(blocks.width, width - left), Math.min(blocks.height, height - top)]
    const samples = blockBytes(bytes, offset, lengths[block]!, storage, blocks.tiled && !plain ? blocks.height : rows)
    for (let row = 0; row < rows; row++)
      for (let value = separate ? plane : 0; value < (separate ? plane + 1 : values); value++)
        put({
          bytes: samples,
          from: row * storage.row.rowBytes + (separate ? 0 : Math.floor((value * tags.bits[0]!) / 8)),
          count: columns,
          stride: storage.row.stride,
          target,
          at: ((top + row) * width + left) * values + value,
          step: values,
        })
  }
  return target
}

/** 256 colours, the upper halves of the file's, which come as all reds, all greens and all blues. */
const paletteOf = ({ directory }: TiffPicture): Uint8Array => {
  const colors = directory.numbers(TAG.colors)
  if (colors === undefined) throw new Undecodable('it is a TIFF picture without its palette')
  const count = Math.floor(colors.length / 3)
  const palette = new Uint8Array(3 * 256)
  for (let i = 0; i < Math.min(256, count); i++)
    for (let color = 0; color < 3; color++) palette[3 * i + color] = Math.floor(colors[color * count + i]! / 256)
  return palette
}

const invert = (data: Uint8Array): void => {
  for (let i = 0; i < data.length; i++) data[i] = 255 - data[i]!
}

/** Compressions that sharp unpacks, CCITT's and JPEG, and those that are unpacked here. */
const BY_SHARP: ReadonlySet<number> = new Set([2, 3, 4, 7])
const UNPACKED_HERE: ReadonlySet<number> = new Set([1, 5, 8, 32773, 32946])

/**
 * Modes that Pillow reads in the wrong order of bytes or from the wrong places (as of 13.0): there is no right value that is also Pillow's.
 */
const isGarbledByPillow = ({ compression, tags, separate }: TiffPicture, { sample, model }: TiffMode): boolean =>
  (compression !== 1 && !tags.littleEndian && (sample === 'int16' || sample === 'int32' || sample === 'float32')) ||
  (compression === 1 && separate && sample === 'upper' && VALUES[model] > 1)

/**
 * Whether sharp decodes a picture as Pillow does: fax and JPEG data, and colours with fewer Cb and Cr than Y, for all of which both ask libtiff. A mode
 * that Pillow doesn't read is refused here.
 */
export const isForSharp = (picture: TiffPicture): boolean => {
  const { compression, tags, directory } = picture
  const mode = tiffMode(tags)
  if (mode === undefined) throw new Undecodable(`it is a TIFF picture in a mode that is not read here: ${modeInWords(tags)}`)
  if (BY_SHARP.has(compression)) return true
  if (isGarbledByPillow(picture, mode))
    throw new Undecodable(
      `it is a TIFF picture in a mode that Pillow gets wrong, and that is not read here: ${modeInWords(tags)}, ${picture.separate ? 'each kind apart' : 'compressed'}`,
    )
  // Where the file says nothing, two by two.
  return (
    mode.model === 'ycbcr' &&
    UNPACKED_HERE.has(compression) &&
    (directory.numbers(TAG.subsampling) ?? [2, 2]).some((one) => one !== 1)
  )
}

/** Four samples that lie apart, of which the last isn't explained: Pillow takes it for alpha that the others were multiplied by. */
const explained = ({ compression, separate, tags }: TiffPicture, mode: TiffMode): TiffMode =>
  separate && compression !== 1 && mode.model === 'rgb' && tags.bits.length === 4 && tags.extra.length === 0
    ? { ...mode, premultiplied: true }
    : mode

/** Reads a picture that isn't for sharp; not yet turned. */
export const readTiff = async (bytes: Uint8Array, picture: TiffPicture): Promise<Raster> => {
  const { width, height, compression, tags, stored, directory } = picture
  const mode = explained(picture, tiffMode(tags)!)
  if (stored > MOST_SAMPLES + tags.extra.length && !picture.separate)
    throw new Undecodable(`it is a TIFF picture of ${stored} samples a pixel, which is not read here`)
  const { model } = mode
  const values = mode.premultiplied ? 4 : VALUES[model]
  const data = await valuesOf(bytes, picture, mode, values)
  if (mode.inverted) invert(data)
  if (mode.premultiplied) return { width, height, model, data: unpremultiplied(data) }
  if (model === 'indexed') return { width, height, model, data, palette: paletteOf(picture) }
  // Pillow converts plain ones itself.
  if (model === 'ycbcr' && compression !== 1)
    return {
      width,
      height,
      model: 'rgb',
      data: libtiffRgb(data, directory.numbers(TAG.luma) ?? LUMA, directory.numbers(TAG.blackWhite) ?? BLACK_WHITE),
    }
  return { width, height, model, data }
}
