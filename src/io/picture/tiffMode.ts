/** What the samples of a TIFF picture mean, by its tags: those that Pillow knows. */
import type { Raster } from './raster'

export interface TiffMode {
  readonly model: Raster['model']
  /**
   * How 8 bits come of a sample: of fewer bits (`bits`), as it is (`byte`), the upper half of 16 (`upper`), or clipped at 0 and 255, as Pillow does with
   * grey of more than 8 bits (`uint12`, `uint16`, `int16`, `int32`, `float32`).
   */
  readonly sample: 'bits' | 'byte' | 'upper' | 'uint12' | 'uint16' | 'int16' | 'int32' | 'float32'
  /** Grey whose 0 is white. */
  readonly inverted: boolean
  /** Colours that were multiplied by the alpha behind them. */
  readonly premultiplied: boolean
}

export interface TiffTags {
  readonly littleEndian: boolean
  /** PhotometricInterpretation. */
  readonly photometric: number
  /** SampleFormat: 1 unsigned, 2 signed, 3 floating point. */
  readonly format: string
  readonly fillOrder: number
  /** BitsPerSample, of each sample. */
  readonly bits: readonly number[]
  /** ExtraSamples: what samples beyond those of the colours are. */
  readonly extra: readonly number[]
}

const [WHITE_IS_ZERO, BLACK_IS_ZERO, RGB, PALETTE, INKS, YCBCR] = [0, 1, 2, 3, 5, 6]

const mode = (
  model: Raster['model'],
  sample: TiffMode['sample'],
  { inverted = false, premultiplied = false }: Partial<TiffMode> = {},
): TiffMode => ({ model, sample, inverted, premultiplied })

/** Grey: unsigned up to 8 bits in both directions; what has more is never inverted, and some of it is known in one order of bytes only. */
const grey = ({ photometric, format, fillOrder, bits, extra, littleEndian }: TiffTags): TiffMode | undefined => {
  const key = `${format} ${bits.join()}`
  const inverted = photometric === WHITE_IS_ZERO
  if (extra.length > 0)
    return key === '1 8,8' && !inverted && fillOrder === 1 && (extra.join() === '0' || extra.join() === '2')
      ? mode('grey', 'byte')
      : undefined
  if (key === '1 8') return mode('grey', 'byte', { inverted })
  if (key === '1 1' || key === '1 2' || key === '1 4') return mode('grey', 'bits', { inverted })
  if (key === '1 16' && (littleEndian ? fillOrder === 1 || !inverted : fillOrder === 1 && !inverted))
    return mode('grey', 'uint16')
  if (fillOrder !== 1) return undefined
  if (key === '3 32') return mode('grey', 'float32')
  if (inverted) return undefined
  if (key === '2 8') return mode('grey', 'byte')
  if (key === '1 12' && littleEndian) return mode('grey', 'uint12')
  if (key === '2 16') return mode('grey', 'int16')
  // Pillow takes unsigned ones for signed.
  return key === '2 32' || (key === '1 32' && littleEndian) ? mode('grey', 'int32') : undefined
}

/** Of the extra samples the first may be alpha (2; 1: premultiplied); the others must be unspecified (0). */
const EXTRA_OF_RGB: ReadonlySet<string> = new Set(['', '0', '0,0', '0,0,0', '1', '1,0', '1,0,0', '2', '2,0', '2,0,0', '999'])
const EXTRA_OF_RGB_16: ReadonlySet<string> = new Set(['', '0', '1', '2'])

/** Samples of one size that make up colours, and how many others may follow them. */
const colored = (model: 'rgb' | 'cmyk', count: number, { format, fillOrder, bits, extra }: TiffTags): TiffMode | undefined => {
  const [size] = bits
  const others = extra.join()
  if (format !== '1' || bits.some((one) => one !== size) || (size !== 8 && size !== 16)) return undefined
  // Four samples of RGB of which the last isn't explained: alpha.
  const expected = count + extra.length === bits.length || (model === 'rgb' && extra.length === 0 && bits.length === 4)
  const known =
    model === 'rgb'
      ? (size === 8 ? EXTRA_OF_RGB : EXTRA_OF_RGB_16).has(others)
      : /^(0(,0)?)?$/.test(others) && (size === 8 || others === '')
  const ordered = fillOrder === 1 || (model === 'rgb' && size === 8 && bits.length === 3)
  return expected && known && ordered ? mode(model, size === 8 ? 'byte' : 'upper', { premultiplied: extra[0] === 1 }) : undefined
}

const indexed = ({ format, fillOrder, bits, extra }: TiffTags): TiffMode | undefined => {
  const key = `${format} ${bits.join()} ${extra.join()}`
  if (key === '1 8 ' || ((key === '1 8,8 0' || key === '1 8,8 2') && fillOrder === 1)) return mode('indexed', 'byte')
  return key === '1 1 ' || key === '1 2 ' || key === '1 4 ' ? mode('indexed', 'bits') : undefined
}

const luminance = ({ format, fillOrder, bits, extra }: TiffTags): TiffMode | undefined => {
  const key = `${format} ${bits.join()} ${extra.join()}`
  if (fillOrder !== 1) return undefined
  return key === '1 8 ' ? mode('grey', 'byte') : key === '1 8,8,8 ' ? mode('ycbcr', 'byte') : undefined
}

/** The mode of a picture; undefined for those that Pillow doesn't read, and for CIE L*a*b*, which it converts by a profile. */
export const tiffMode = (tags: TiffTags): TiffMode | undefined => {
  switch (tags.photometric) {
    case WHITE_IS_ZERO:
    case BLACK_IS_ZERO:
      return grey(tags)
    case RGB:
      return colored('rgb', 3, tags)
    case PALETTE:
      return indexed(tags)
    case INKS:
      return colored('cmyk', 4, tags)
    case YCBCR:
      return luminance(tags)
    default:
      return undefined
  }
}

const PHOTOMETRIC: Readonly<Record<number, string>> = {
  0: 'grey whose 0 is white',
  1: 'grey',
  2: 'RGB',
  3: 'palette',
  4: 'mask',
  5: 'CMYK',
  6: 'YCbCr',
  8: 'CIE L*a*b*',
  9: 'ICC L*a*b*',
  10: 'ITU L*a*b*',
  32803: 'colour filter array',
  32844: 'LogL',
  32845: 'LogLuv',
}
const FORMATS: Readonly<Record<string, string>> = { 1: 'unsigned', 2: 'signed', 3: 'floating-point', 5: 'complex', 6: 'complex' }

/** The mode in words, for pictures that aren't read. */
export const modeInWords = ({ photometric, format, bits, extra, fillOrder, littleEndian }: TiffTags): string =>
  [
    PHOTOMETRIC[photometric] ?? `photometric interpretation ${photometric}`,
    `of ${bits.length} ${FORMATS[format] ?? `sample format ${format}`} sample${bits.length === 1 ? '' : 's'} of ${[...new Set(bits)].join(' and ')} bits`,
    littleEndian ? 'in little-endian order' : 'in big-endian order',
    ...(extra.length > 0 ? [`with extra samples of kind ${extra.join(', ')}`] : []),
    ...(fillOrder === 1 ? [] : [`in fill order ${fillOrder}`]),
  ].join(' ')
