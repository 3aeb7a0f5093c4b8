import fc from 'fast-check'
import { expect, test } from 'vitest'
import { enlarged, withMask } from '../../src/view/paint'
import { fitted, sheetOf } from '../../src/view/sheet'
import { anyPicture, flat } from '../image/pictures'

test('a mask greys the pixels of hidden patches and leaves the others as they are', () => {
  const grid = { height: 2, width: 2 }
  const { data } = withMask(flat(4, 4, 1, 255), Uint8Array.of(0, 1, 0, 0), grid)
  const grey = Math.round(0.2 * 255 + 0.8 * 128)
  expect(Array.from(data)).toEqual([255, 255, grey, grey, 255, 255, grey, grey, ...Array(8).fill(255)])
})

test('a mask that hides nothing changes nothing', () => {
  fc.assert(
    fc.property(anyPicture, (picture) => {
      expect(withMask(picture, new Uint8Array(4), { height: 2, width: 2 })).toEqual(picture)
    }),
  )
})

test('every pixel becomes a square', () => {
  fc.assert(
    fc.property(anyPicture, fc.integer({ min: 1, max: 4 }), (picture, times) => {
      const large = enlarged(times)(picture)
      expect([large.width, large.height]).toEqual([picture.width * times, picture.height * times])
      const { channels } = picture
      for (let y = 0; y < large.height; y++)
        for (let x = 0; x < large.width; x++)
          for (let c = 0; c < channels; c++)
            expect(large.data[(y * large.width + x) * channels + c]).toBe(
              picture.data[(Math.floor(y / times) * picture.width + Math.floor(x / times)) * channels + c],
            )
    }),
    { numRuns: 20 },
  )
})

test('what is fitted into a square fits', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 300 }),
      fc.integer({ min: 1, max: 300 }),
      fc.integer({ min: 1, max: 64 }),
      (w, h, side) => {
        const { width, height } = fitted(side)(flat(w, h, 1, 7))
        expect(Math.max(width, height)).toBeLessThanOrEqual(side)
        expect(Math.min(width, height)).toBeGreaterThanOrEqual(1)
      },
    ),
  )
})

test('a sheet holds its pictures in rows and columns, grey and coloured, with white between them', async () => {
  const rows = [[flat(4, 2, 1, 10), flat(2, 2, 3, 20)], [flat(3, 5, 3, 30)]]
  const { data, ...info } = await sheetOf(rows)
  expect([info.width, info.height, info.channels]).toEqual([8 + 4 + 8 + 2 + 8, 8 + 2 + 8 + 5 + 8, 3])
  const at = (x: number, y: number) => data[(y * info.width + x) * 3]
  expect([at(0, 0), at(8, 8), at(11, 9), at(12, 8), at(20, 9), at(8, 18), at(10, 22), at(11, 18)]).toEqual([
    255, 10, 10, 255, 20, 30, 30, 255,
  ])
})
