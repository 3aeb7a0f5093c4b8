import fc from 'fast-check'
import { expect, test } from 'vitest'
import { solarize } from '../../src/image/solarize'
import { anyPicture, highest } from './pictures'

test('values below the threshold stay and the others are inverted', () => {
  fc.assert(
    fc.property(anyPicture, fc.integer({ min: 0, max: 256 }), (picture, threshold) => {
      expect(solarize(threshold)(picture)).toEqual({
        ...picture,
        data: picture.data.map((x) => (x < threshold ? x : 255 - x)),
      })
    }),
  )
})

test('the threshold is 128 unless given: nothing stays in the lighter half, and a second time changes nothing', () => {
  fc.assert(
    fc.property(anyPicture, (picture) => {
      const once = solarize()(picture)
      expect(highest(once)).toBeLessThan(128)
      expect(solarize()(once)).toEqual(once)
    }),
  )
})

test('a threshold of 0 inverts everything, and twice is the picture itself; one of 256 changes nothing', () => {
  fc.assert(
    fc.property(anyPicture, (picture) => {
      expect(solarize(0)(solarize(0)(picture))).toEqual(picture)
      expect(solarize(256)(picture)).toEqual(picture)
    }),
  )
})
