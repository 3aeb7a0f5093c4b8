/** Preparing a picture for a frozen network. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { EVALUATION_MARGIN, transform } from '../../src/evaluate/transform'
import { centerCrop, shortSide } from '../../src/image/crop'
import { blank, type Picture } from '../../src/image/picture'
import { resize } from '../../src/image/resize'

const drawn = (height: number, width: number): Picture => {
  const picture = blank(width, height, 1)
  picture.data.forEach((_, i) => {
    picture.data[i] = (i * 37) % 256
  })
  return picture
}
const side = fc.integer({ min: 1, max: 40 })

test('of square inputs it is what torchvision does: the shorter side resized, the middle cut out', () => {
  fc.assert(
    fc.property(
      side,
      side,
      fc.integer({ min: 1, max: 24 }),
      fc.constantFrom(1, EVALUATION_MARGIN),
      (height, width, size, margin) => {
        fc.pre(height !== size || width !== size)
        const picture = drawn(height, width)
        const resized = resize({ size: shortSide(Math.round(size * margin))([height, width]), interpolation: 'bicubic' })(picture)
        expect(transform({ size: [size, size], margin })(picture)).toEqual(centerCrop(size)(resized))
      },
    ),
  )
})

test('the official evaluation makes 256 pixels of the shorter side, and of those 224', () => {
  const picture = drawn(300, 400)
  const resized = resize({ size: [256, 341], interpolation: 'bicubic' })(picture)
  expect(transform({ size: [224, 224], margin: EVALUATION_MARGIN })(picture)).toEqual(centerCrop(224)(resized))
})

test('inputs of any proportions are filled, without a black edge and without distortion', () => {
  fc.assert(
    fc.property(side, side, side, side, fc.constantFrom(1, EVALUATION_MARGIN), (height, width, h, w, margin) => {
      const white = blank(width, height, 3)
      white.data.fill(255)
      const prepared = transform({ size: [h, w], margin })(white)
      expect([prepared.height, prepared.width]).toEqual([h, w])
      expect(prepared.data.every((value) => value === 255)).toBe(true)
    }),
  )
  // Twice as wide as high, like the input: nothing is cut away but what the margin says.
  const wide = drawn(20, 40)
  expect(transform({ size: [10, 20], margin: 1 })(wide)).toEqual(resize({ size: [10, 20], interpolation: 'bicubic' })(wide))
})

test('a picture that has the size already stays as it is', () => {
  const picture = drawn(8, 12)
  expect(transform({ size: [8, 12], margin: EVALUATION_MARGIN })(picture)).toBe(picture)
})
