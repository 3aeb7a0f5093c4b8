import fc from 'fast-check'
import { expect, test } from 'vitest'
import { flipHorizontal } from '../../src/image/flip'
import { anyPicture } from './pictures'

test('flipping twice is the picture itself', () => {
  fc.assert(
    fc.property(anyPicture, (picture) => {
      expect(flipHorizontal(flipHorizontal(picture))).toEqual(picture)
    }),
  )
})

test('left becomes right, rows and channels stay', () => {
  const picture = { width: 2, height: 2, channels: 3 as const, data: Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12) }
  expect(flipHorizontal(picture)).toEqual({ ...picture, data: Uint8Array.of(4, 5, 6, 1, 2, 3, 10, 11, 12, 7, 8, 9) })
})
