import fc from 'fast-check'
import { expect, test } from 'vitest'
import { crop } from '../../src/image/crop'
import { FRACTION, type Interpolation, weights } from '../../src/image/filter'
import { resize } from '../../src/image/resize'
import { anyGrey, anyPicture, anyPictureWithBox, flat, highest, lowest, tripled } from './pictures'

const interpolation = fc.constantFrom<Interpolation>('bicubic', 'bilinear')
const size = fc.tuple(fc.integer({ min: 1, max: 24 }), fc.integer({ min: 1, max: 24 }))

test('resizing to the same size changes nothing', () => {
  fc.assert(
    fc.property(anyPicture, interpolation, (picture, interpolation) => {
      expect(resize({ interpolation, size: [picture.height, picture.width] })(picture)).toEqual(picture)
    }),
  )
})

test('the result has the size that was asked for and as many channels as before', () => {
  fc.assert(
    fc.property(anyPicture, interpolation, size, (picture, interpolation, [height, width]) => {
      const out = resize({ interpolation, size: [height, width] })(picture)
      expect([out.height, out.width, out.channels]).toEqual([height, width, picture.channels])
      expect(out.data.length).toBe(height * width * picture.channels)
    }),
  )
})

test('resizing a box is cropping it and resizing the crop: pixels outside it have no influence', () => {
  fc.assert(
    fc.property(anyPictureWithBox, interpolation, size, ({ picture, box }, interpolation, size) => {
      expect(resize({ interpolation, box, size })(picture)).toEqual(resize({ interpolation, size })(crop(...box)(picture)))
    }),
  )
})

test('a picture of one value keeps it, at any size', () => {
  fc.assert(
    fc.property(interpolation, size, size, fc.integer({ min: 0, max: 255 }), (interpolation, from, size, value) => {
      expect(resize({ interpolation, size })(flat(from[1], from[0], 3, value))).toEqual(flat(size[1], size[0], 3, value))
    }),
  )
})

test('bilinear interpolation stays between the lowest and the highest value', () => {
  fc.assert(
    fc.property(anyPicture, size, (picture, size) => {
      const out = resize({ interpolation: 'bilinear', size })(picture)
      expect(lowest(out)).toBeGreaterThanOrEqual(lowest(picture))
      expect(highest(out)).toBeLessThanOrEqual(highest(picture))
    }),
  )
})

test('bicubic interpolation overshoots at an edge, and is clipped to 0–255', () => {
  const edge = { width: 8, height: 1, channels: 1 as const, data: Uint8Array.of(0, 0, 0, 0, 200, 200, 200, 200) }
  const steep = { ...edge, data: edge.data.map((x) => (x > 0 ? 255 : 0)) }
  expect(highest(resize({ interpolation: 'bicubic', size: [1, 24] })(edge))).toBeGreaterThan(200)
  expect(highest(resize({ interpolation: 'bicubic', size: [1, 24] })(steep))).toBe(255)
  expect(lowest(resize({ interpolation: 'bicubic', size: [1, 24] })(steep))).toBe(0)
})

test('shrinking a fine checkerboard gives its mean, not one of its colours', () => {
  const board = { ...flat(64, 64, 1, 0), data: Uint8Array.from({ length: 4096 }, (_, i) => 200 * (((i >> 6) + i) & 1)) }
  const out = resize({ interpolation: 'bilinear', size: [8, 8] })(board)
  expect(lowest(out)).toBeGreaterThanOrEqual(98)
  expect(highest(out)).toBeLessThanOrEqual(102)
})

test('a grey picture becomes any channel of the same picture in colour', () => {
  fc.assert(
    fc.property(anyGrey, interpolation, size, (grey, interpolation, size) => {
      expect(tripled(resize({ interpolation, size })(grey))).toEqual(resize({ interpolation, size })(tripled(grey)))
    }),
  )
})

test('the weights of every sample sum to one, to within their rounding', () => {
  fc.assert(
    fc.property(interpolation, fc.integer({ min: 1, max: 600 }), fc.integer({ min: 1, max: 300 }), (interpolation, from, to) => {
      const { taps, first, count, weight } = weights(interpolation, from, to)
      for (let i = 0; i < to; i++) {
        const sum = weight.subarray(i * taps, i * taps + count[i]!).reduce((a, b) => a + b, 0)
        expect(Math.abs(sum - 2 ** FRACTION)).toBeLessThanOrEqual(count[i]! / 2)
        expect(count[i]).toBeLessThanOrEqual(taps)
        expect(first[i]! + count[i]!).toBeLessThanOrEqual(from)
      }
    }),
    { numRuns: 30 },
  )
})

test('a result does not depend on what was resized before', () => {
  const picture = { ...flat(40, 30, 1, 0), data: Uint8Array.from({ length: 1200 }, (_, i) => (i * 89) % 256) }
  const before = resize({ interpolation: 'bicubic', size: [17, 13] })(picture)
  for (let side = 1; side < 700; side++) weights('bilinear', 40, side)
  expect(resize({ interpolation: 'bicubic', size: [17, 13] })(picture)).toEqual(before)
})
