/** Pictures for tests: from PNG files, from reference arrays, and any at all. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import * as E from 'fp-ts/Either'
import sharp from 'sharp'
import type { Picture } from '../../src/image/picture'
import { parse } from '../../src/io/safetensors'

const golden = join(__dirname, '..', 'golden')

/** The tensors of `test/golden/augment.safetensors`. */
export const augmentTensors = () => {
  const parsed = parse(new Uint8Array(readFileSync(join(golden, 'augment.safetensors'))))
  if (E.isLeft(parsed)) throw new Error(parsed.left)
  return parsed.right.tensors
}

/** The contents of `test/golden/augment.json`, taken to be what `T` says. */
export const augmentJson = <T>(): T => JSON.parse(readFileSync(join(golden, 'augment.json'), 'utf8')) as T

/** A PNG file of `test/golden`. */
export const png = async (file: string): Promise<Picture> => {
  const { data, info } = await sharp(join(golden, file)).raw().toBuffer({ resolveWithObject: true })
  return { width: info.width, height: info.height, channels: info.channels as 1 | 3, data: new Uint8Array(data) }
}

const channels: fc.Arbitrary<1 | 3> = fc.constantFrom(1, 3)

const pictureOf = (width: number, height: number, count: 1 | 3): fc.Arbitrary<Picture> =>
  fc
    .uint8Array({ minLength: width * height * count, maxLength: width * height * count })
    .map((data) => ({ width, height, channels: count, data: new Uint8Array(data) }))

const side = fc.integer({ min: 1, max: 16 })

/** Any picture of up to 16 × 16 pixels, grey or coloured. */
export const anyPicture: fc.Arbitrary<Picture> = fc.tuple(side, side, channels).chain((shape) => pictureOf(...shape))

/** Any picture of up to 16 × 16 pixels with three channels. */
export const anyColored: fc.Arbitrary<Picture> = fc.tuple(side, side).chain(([width, height]) => pictureOf(width, height, 3))

/** Any picture of up to 16 × 16 pixels with one channel. */
export const anyGrey: fc.Arbitrary<Picture> = fc.tuple(side, side).chain(([width, height]) => pictureOf(width, height, 1))

/** Any picture together with a box of at least one pixel inside it. */
export const anyPictureWithBox = anyPicture.chain((picture) =>
  fc.tuple(fc.integer({ min: 0, max: picture.width - 1 }), fc.integer({ min: 0, max: picture.height - 1 })).chain(([left, top]) =>
    fc.record({
      picture: fc.constant(picture),
      box: fc.tuple(
        fc.constant(left),
        fc.constant(top),
        fc.integer({ min: 1, max: picture.width - left }),
        fc.integer({ min: 1, max: picture.height - top }),
      ),
    }),
  ),
)

/** A picture filled with one value. */
export const flat = (width: number, height: number, count: 1 | 3, value: number): Picture => ({
  width,
  height,
  channels: count,
  data: new Uint8Array(width * height * count).fill(value),
})

/** The coloured picture whose three channels are all the grey picture. */
export const tripled = ({ width, height, data }: Picture): Picture => ({
  width,
  height,
  channels: 3,
  data: Uint8Array.from({ length: data.length * 3 }, (_, i) => data[Math.floor(i / 3)]!),
})

export const lowest = ({ data }: Picture): number => data.reduce((a, b) => Math.min(a, b), 255)
export const highest = ({ data }: Picture): number => data.reduce((a, b) => Math.max(a, b), 0)
