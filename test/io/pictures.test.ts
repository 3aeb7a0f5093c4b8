/** Pictures in every mode and depth that Pillow reads; `pictures.py` has made them, and what Pillow makes of them. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { crc32 } from 'node:zlib'
import * as E from 'fp-ts/Either'
import { describe, expect, it } from 'vitest'
import { decodePicture } from '../../src/io/decode'

interface Fixture {
  readonly file: string
  readonly width: number
  readonly height: number
  readonly rgb: string
  readonly grey: string
}
const { read, turned, refused } = JSON.parse(readFileSync(join(__dirname, 'pictures.json'), 'utf8')) as {
  readonly read: Record<string, Fixture>
  readonly turned: Record<string, Fixture>
  readonly refused: Record<string, string>
}
const bytesOf = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text, 'base64'))

/** Which are not as Pillow has them; tests of hundreds of files would hide the few. */
const others = async (fixtures: Record<string, Fixture>, exif: 'apply' | 'ignore'): Promise<readonly string[]> => {
  const wrong: string[] = []
  for (const [name, { file, width, height, rgb, grey }] of Object.entries(fixtures))
    for (const [channels, values] of [
      [3, rgb],
      [1, grey],
    ] as const) {
      const picture = await decodePicture(bytesOf(file), { channels, exif })
      const same =
        E.isRight(picture) &&
        picture.right.width === width &&
        picture.right.height === height &&
        Buffer.from(picture.right.data).equals(Buffer.from(values, 'base64'))
      if (!same) wrong.push(`${name}, ${channels}: ${E.isLeft(picture) ? JSON.stringify(picture.left) : 'other values'}`)
    }
  return wrong
}

describe('decodePicture', () => {
  it.each(['PNG', 'TIFF', 'BMP', 'P.M', 'GIF', 'JPEG', 'WebP'])(
    'gives what Pillow gives for every mode of %s',
    async (format) => {
      const some = Object.entries(read).filter(([name]) => new RegExp(`^(Big)?${format}`).test(name))
      expect(some.length).toBeGreaterThan(4)
      expect(await others(Object.fromEntries(some), 'ignore')).toEqual([])
    },
  )

  it("turns pictures by EXIF, XMP and texts as Pillow's ImageOps.exif_transpose does", async () => {
    expect(Object.keys(turned).length).toBeGreaterThan(100)
    expect(await others(turned, 'apply')).toEqual([])
  })

  it('refuses what is damaged and what no value of Pillow is right for, and names the mode', async () => {
    const reasons: Record<string, string> = {}
    for (const [name, file] of Object.entries(refused)) {
      const picture = await decodePicture(bytesOf(file), { channels: 3 }, 'x')
      reasons[name] =
        E.isLeft(picture) && picture.left._tag === 'Missing'
          ? picture.left.message.replace('x cannot be decoded: ', '')
          : 'it was read'
    }
    expect(reasons).toMatchInlineSnapshot(`
      {
        "BMP with other masks": "it is a BMP picture of 16 bits a pixel with the masks f000 f00 f0 0, which is not read here",
        "BMP, JPEG in it": "it is a BMP picture of 24 bits a pixel compressed as JPEG, which is not read here",
        "BMP, cut off": "it is cut off",
        "BMP, runs that end too early": "its runs end after 3 of 20 pixels",
        "GIF without a frame": "it holds no frame, or is cut off before it",
        "GIF, greys beside a palette": "it is a GIF picture whose first frame has a palette of greys beside another one, which Pillow decodes wrongly; it is unsupported",
        "JPEG of 12 bits": "it is a JPEG picture of 12 bits a sample, which is not read here",
        "JPEG of 2 components": "it is a JPEG picture of 2 components, which is not read here",
        "JPEG, cut off": "it is cut off",
        "JPEG, damaged": "its JPEG data are damaged",
        "PGM with a value above the highest": "it has the value 300, and says that 255 is the highest",
        "PGM with a word": "it has "a 1" where a number belongs",
        "PPM as text, cut off": "it is cut off",
        "PPM without pixels": "its size is 0×5",
        "PPM, cut off": "it is cut off",
        "TIFF, CMYK of 4 × 16 unsigned bits, apart": "it is a TIFF picture in a mode that Pillow gets wrong, and that is not read here: CMYK of 4 unsigned samples of 16 bits in little-endian order, each kind apart",
        "TIFF, CMYK of 4 × 8 unsigned bits, reversed bits": "it is a TIFF picture in a mode that is not read here: CMYK of 4 unsigned samples of 8 bits in little-endian order in fill order 2",
        "TIFF, CMYK of 5 × 8 unsigned bits, extra (0,), reversed bits": "it is a TIFF picture in a mode that is not read here: CMYK of 5 unsigned samples of 8 bits in little-endian order with extra samples of kind 0 in fill order 2",
        "TIFF, L*a*b* of 3 × 8 unsigned bits": "it is a TIFF picture in a mode that is not read here: CIE L*a*b* of 3 unsigned samples of 8 bits in little-endian order",
        "TIFF, RGB of 3 × 16 unsigned bits, apart": "it is a TIFF picture in a mode that Pillow gets wrong, and that is not read here: RGB of 3 unsigned samples of 16 bits in little-endian order, each kind apart",
        "TIFF, RGB of 3 × 32 float bits": "it is a TIFF picture in a mode that is not read here: RGB of 3 floating-point samples of 32 bits in little-endian order",
        "TIFF, RGB of 3 × 32 float bits, big-endian and compressed": "it is a TIFF picture in a mode that is not read here: RGB of 3 floating-point samples of 32 bits in big-endian order",
        "TIFF, RGB of 3 × 4 unsigned bits": "it is a TIFF picture in a mode that is not read here: RGB of 3 unsigned samples of 4 bits in little-endian order",
        "TIFF, RGB of 4 × 16 unsigned bits, apart": "it is a TIFF picture in a mode that Pillow gets wrong, and that is not read here: RGB of 4 unsigned samples of 16 bits in little-endian order, each kind apart",
        "TIFF, RGB of 4 × 16 unsigned bits, extra (0,), apart": "it is a TIFF picture in a mode that Pillow gets wrong, and that is not read here: RGB of 3 unsigned samples of 16 bits in little-endian order, each kind apart",
        "TIFF, RGB of 4 × 16 unsigned bits, extra (1,), apart": "it is a TIFF picture in a mode that Pillow gets wrong, and that is not read here: RGB of 4 unsigned samples of 16 bits in little-endian order with extra samples of kind 1, each kind apart",
        "TIFF, RGB of 4 × 16 unsigned bits, extra (2,), apart": "it is a TIFF picture in a mode that Pillow gets wrong, and that is not read here: RGB of 4 unsigned samples of 16 bits in little-endian order with extra samples of kind 2, each kind apart",
        "TIFF, RGB of 4 × 8 unsigned bits, reversed bits": "it is a TIFF picture in a mode that is not read here: RGB of 4 unsigned samples of 8 bits in little-endian order in fill order 2",
        "TIFF, RGB of 5 × 8 unsigned bits, extra (0, 0), reversed bits": "it is a TIFF picture in a mode that is not read here: RGB of 5 unsigned samples of 8 bits in little-endian order with extra samples of kind 0, 0 in fill order 2",
        "TIFF, RGB of 6 × 8 unsigned bits, extra (2, 0, 0), reversed bits": "it is a TIFF picture in a mode that is not read here: RGB of 6 unsigned samples of 8 bits in little-endian order with extra samples of kind 2, 0, 0 in fill order 2",
        "TIFF, YCbCr of 1 × 8 unsigned bits, reversed bits": "it is a TIFF picture in a mode that is not read here: YCbCr of 1 unsigned sample of 8 bits in little-endian order in fill order 2",
        "TIFF, YCbCr of 3 × 8 unsigned bits, reversed bits": "it is a TIFF picture in a mode that is not read here: YCbCr of 3 unsigned samples of 8 bits in little-endian order in fill order 2",
        "TIFF, grey of 1 × 12 unsigned bits, big-endian": "it is a TIFF picture in a mode that is not read here: grey of 1 unsigned sample of 12 bits in big-endian order",
        "TIFF, grey of 1 × 16 signed bits, big-endian and compressed": "it is a TIFF picture in a mode that Pillow gets wrong, and that is not read here: grey of 1 signed sample of 16 bits in big-endian order, compressed",
        "TIFF, grey of 1 × 32 float bits, big-endian and compressed": "it is a TIFF picture in a mode that Pillow gets wrong, and that is not read here: grey of 1 floating-point sample of 32 bits in big-endian order, compressed",
        "TIFF, grey of 1 × 32 signed bits, big-endian and compressed": "it is a TIFF picture in a mode that Pillow gets wrong, and that is not read here: grey of 1 signed sample of 32 bits in big-endian order, compressed",
        "TIFF, grey of 1 × 32 unsigned bits, big-endian": "it is a TIFF picture in a mode that is not read here: grey of 1 unsigned sample of 32 bits in big-endian order",
        "TIFF, grey of 1 × 8 signed bits, reversed bits": "it is a TIFF picture in a mode that is not read here: grey of 1 signed sample of 8 bits in little-endian order in fill order 2",
        "TIFF, grey of 2 × 8 unsigned bits, extra (0,), reversed bits": "it is a TIFF picture in a mode that is not read here: grey of 2 unsigned samples of 8 bits in little-endian order with extra samples of kind 0 in fill order 2",
        "TIFF, lzma": "it is a TIFF picture compressed by LZMA, which is not read here",
        "TIFF, palette of 2 × 8 unsigned bits, extra (2,), reversed bits": "it is a TIFF picture in a mode that is not read here: palette of 2 unsigned samples of 8 bits in little-endian order with extra samples of kind 2 in fill order 2",
        "TIFF, white is 0 of 1 × 12 unsigned bits": "it is a TIFF picture in a mode that is not read here: grey whose 0 is white of 1 unsigned sample of 12 bits in little-endian order",
        "TIFF, white is 0 of 1 × 16 unsigned bits, big-endian": "it is a TIFF picture in a mode that is not read here: grey whose 0 is white of 1 unsigned sample of 16 bits in big-endian order",
        "TIFF, white is 0 of 1 × 32 float bits, big-endian and compressed": "it is a TIFF picture in a mode that Pillow gets wrong, and that is not read here: grey whose 0 is white of 1 floating-point sample of 32 bits in big-endian order, compressed",
      }
    `)
  })

  it.each([
    ['13300×13300 of 16-bit grey', 13_300, 0, 16],
    ['12000×12000 of 8-bit colour with alpha, interlaced', 12_000, 6, 8],
  ] as const)('refuses a PNG of %s before it is decoded', async (_, side, color, bits) => {
    const whole = Buffer.from(read[`PNG, ${color === 0 ? 'grey' : 'RGB with alpha'} of ${bits} bits, interlaced`]!.file, 'base64')
    whole.writeUInt32BE(side, 16)
    whole.writeUInt32BE(side, 20)
    whole.writeUInt32BE(crc32(whole.subarray(12, 29)), 29)
    const began = performance.now()
    expect(await decodePicture(whole, { channels: 3 }, 'x')).toMatchObject({
      left: {
        message: expect.stringMatching(
          /^x cannot be decoded: its \d+×\d+ pixels take about \d+ MB of memory to decode, more than the 600 MB allowed$/,
        ),
      },
    })
    expect(performance.now() - began).toBeLessThan(5000)
  })

  it.each(['JPEG', 'PNG, RGB of 8 bits', 'WebP of RGB'])(
    'gives one reason why a %s is cut off, whenever it is asked',
    async (name) => {
      const whole = bytesOf(Object.entries(read).find(([key]) => key.startsWith(name))![1].file)
      const cut = whole.subarray(0, whole.length - 30)
      const all = await Promise.all(Array.from({ length: 20 }, () => decodePicture(cut, { channels: 3 }, 'x')))
      for (const picture of all) expect(picture).toMatchObject({ left: { message: 'x cannot be decoded: it is cut off' } })
    },
  )
})
