import fc from 'fast-check'
import { expect, test } from 'vitest'
import { gaussianBlur } from '../../src/image/blur'
import { flipHorizontal } from '../../src/image/flip'
import { anyGrey, anyPicture, flat, highest, lowest, tripled } from './pictures'

const radius = fc.double({ min: 0.05, max: 12, noNaN: true })

test('a radius of 0 changes nothing', () => {
  fc.assert(
    fc.property(anyPicture, (picture) => {
      expect(gaussianBlur(0)(picture)).toEqual(picture)
    }),
  )
})

test('a picture of one value keeps it, whatever the radius', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 255 }), radius, (value, r) => {
      expect(gaussianBlur(r)(flat(9, 5, 3, value))).toEqual(flat(9, 5, 3, value))
    }),
  )
})

test('values stay between the lowest and the highest', () => {
  fc.assert(
    fc.property(anyPicture, radius, (picture, r) => {
      const out = gaussianBlur(r)(picture)
      expect(lowest(out)).toBeGreaterThanOrEqual(lowest(picture))
      expect(highest(out)).toBeLessThanOrEqual(highest(picture))
    }),
  )
})

test('the mirror image of a blurred picture is the blurred mirror image', () => {
  fc.assert(
    fc.property(anyPicture, radius, (picture, r) => {
      expect(flipHorizontal(gaussianBlur(r)(picture))).toEqual(gaussianBlur(r)(flipHorizontal(picture)))
    }),
  )
})

test('a grey picture becomes any channel of the same picture in colour', () => {
  fc.assert(
    fc.property(anyGrey, radius, (grey, r) => {
      expect(tripled(gaussianBlur(r)(grey))).toEqual(gaussianBlur(r)(tripled(grey)))
    }),
  )
})

test.each([1, 2, 4])('an edge blurred with radius %d is spread with that standard deviation', (sigma) => {
  const width = 81
  const edge = { width, height: 1, channels: 1 as const, data: Uint8Array.from({ length: width }, (_, x) => (x < 40 ? 0 : 255)) }
  const { data } = gaussianBlur(sigma)(edge)
  // The steps from pixel to pixel are the blur's weights.
  const weight = Array.from(data.subarray(1), (value, x) => (value - data[x]!) / 255)
  const mean = weight.reduce((sum, w, x) => sum + w * x, 0)
  const variance = weight.reduce((sum, w, x) => sum + w * (x - mean) ** 2, 0)
  expect(Math.abs(Math.sqrt(variance) - sigma)).toBeLessThan(0.03 * sigma)
})
