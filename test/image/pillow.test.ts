import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { type Affine, affine } from '../../src/image/affine'
import { autocontrast } from '../../src/image/autocontrast'
import { gaussianBlur } from '../../src/image/blur'
import { adjustBrightness, adjustContrast, adjustHue, adjustSaturation, grayscale } from '../../src/image/color'
import { type Box, centerCrop, crop, type Size, shortSide } from '../../src/image/crop'
import { equalize } from '../../src/image/equalize'
import type { Interpolation } from '../../src/image/filter'
import { flipHorizontal } from '../../src/image/flip'
import { hsvToRgb, rgbToHsv } from '../../src/image/hue'
import { invert } from '../../src/image/invert'
import type { Picture } from '../../src/image/picture'
import { posterize } from '../../src/image/posterize'
import { resize } from '../../src/image/resize'
import { rotate } from '../../src/image/rotate'
import { adjustSharpness } from '../../src/image/sharpness'
import { solarize } from '../../src/image/solarize'
import { solarizeAdd } from '../../src/image/solarizeAdd'

/** What pillow.py writes. */
interface Expected {
  readonly pictures: Readonly<Record<string, Omit<Picture, 'data'> & { readonly data: string }>>
  readonly cases: readonly {
    readonly op: keyof typeof OPS
    readonly picture: string
    readonly parameters: never
    readonly width: number
    readonly height: number
    readonly data: string
  }[]
  readonly hsv_of_colors_sha256: string
  readonly rgb_of_hsv_colors_sha256: string
  readonly short_side: readonly { readonly size: Size; readonly side: number; readonly resized: Size }[]
}

const expected = JSON.parse(readFileSync(join(__dirname, 'pillow.json'), 'utf8')) as Expected

/** As pillow.py has it. */
const fillOf = ({ channels }: Picture) => (channels === 3 ? [124, 116, 104] : [117])

const OPS = {
  resize: ([interpolation, box, size]: [Interpolation, Box, Size]) => resize({ interpolation, box, size }),
  gaussianBlur: ([radius]: [number]) => gaussianBlur(radius),
  adjustBrightness: ([factor]: [number]) => adjustBrightness(factor),
  adjustContrast: ([factor]: [number]) => adjustContrast(factor),
  adjustSaturation: ([factor]: [number]) => adjustSaturation(factor),
  adjustHue: ([factor]: [number]) => adjustHue(factor),
  grayscale: () => grayscale,
  solarize: ([threshold]: [number]) => solarize(threshold),
  centerCrop: ([size]: [number]) => centerCrop(size),
  crop: (box: [number, number, number, number]) => crop(...box),
  flipHorizontal: () => flipHorizontal,
  autocontrast: () => autocontrast,
  equalize: () => equalize,
  invert: () => invert,
  posterize: ([bits]: [number]) => posterize(bits),
  solarizeAdd: ([added]: [number]) => solarizeAdd(added),
  adjustSharpness: ([factor]: [number]) => adjustSharpness(factor),
  rotate:
    ([degrees, interpolation]: [number, Interpolation]) =>
    (picture: Picture) =>
      rotate(degrees, { interpolation, fill: fillOf(picture) })(picture),
  affine:
    ([matrix, interpolation]: [Affine, Interpolation]) =>
    (picture: Picture) =>
      affine({ matrix, interpolation, fill: fillOf(picture) })(picture),
}

const bytes = (base64: string): Uint8Array => new Uint8Array(Buffer.from(base64, 'base64'))

describe('what Pillow and torchvision make of small pictures', () => {
  test.each(expected.cases)('$op($parameters) of the $picture picture is equal in every value', (wanted) => {
    const { data, ...shape } = expected.pictures[wanted.picture]!
    expect(OPS[wanted.op](wanted.parameters)({ ...shape, data: bytes(data) })).toEqual({
      width: wanted.width,
      height: wanted.height,
      channels: shape.channels,
      data: bytes(wanted.data),
    })
  })

  test.each(expected.short_side)('a picture of $size resized to a short side of $side becomes $resized', (wanted) => {
    expect(shortSide(wanted.side)(wanted.size)).toEqual(wanted.resized)
  })
})

describe('8-bit HSV', () => {
  /** The hash of what `convert` makes of 86 × 86 × 86 colours, every third level of each channel. */
  const hash = (convert: (first: number, second: number, third: number) => number): string => {
    const out = new Uint8Array(86 ** 3 * 3)
    let to = 0
    for (let first = 0; first < 256; first += 3)
      for (let second = 0; second < 256; second += 3)
        for (let third = 0; third < 256; third += 3) {
          const packed = convert(first, second, third)
          out[to++] = packed >> 16
          out[to++] = (packed >> 8) & 0xff
          out[to++] = packed & 0xff
        }
    return createHash('sha256').update(out).digest('hex')
  }

  test('636056 colours have the HSV Pillow gives them', () => {
    expect(hash(rgbToHsv)).toBe(expected.hsv_of_colors_sha256)
  })

  test('636056 HSV colours have the RGB Pillow gives them', () => {
    expect(hash(hsvToRgb)).toBe(expected.rgb_of_hsv_colors_sha256)
  })
})
