import fc from 'fast-check'
import { expect, test } from 'vitest'
import { fitted } from '../../src/view/fitted'
import { LETTER_HEIGHT, lettered } from '../../src/view/letters'
import { enlarged, HATCH, hatched, withMask } from '../../src/view/paint'
import { labelled, sheetOf, stacked } from '../../src/view/sheet'
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

test('hidden patches are hatched in a colour, also those of a grey picture; the others stay', () => {
  const grid = { height: 1, width: 2 }
  const grey = 100
  const { channels, data } = hatched(flat(32, 16, 1, grey), Uint8Array.of(0, 1), grid)
  expect(channels).toBe(3)
  const at = (x: number, y: number) => Array.from(data.subarray(3 * (y * 32 + x), 3 * (y * 32 + x) + 3))
  const veil = HATCH.color.map((value) => Math.round(HATCH.through * grey + (1 - HATCH.through) * value))
  for (let y = 0; y < 16; y++)
    for (let x = 0; x < 32; x++) {
      const isStripe = (x + y) % HATCH.period < HATCH.stripe
      expect(at(x, y)).toEqual(x < 16 ? [grey, grey, grey] : isStripe ? [...HATCH.color] : veil)
    }
})

test('a picture stands below its label, in a column that is as wide as the wider of the two', async () => {
  const title = lettered('head 12')
  expect(title.height).toBe(LETTER_HEIGHT)
  const { width, height, data } = await sheetOf([[labelled('head 12', flat(4, 5, 1, 10)), flat(3, 2, 1, 20)]])
  expect([width, height]).toEqual([8 + title.width + 8 + 3 + 8, 8 + LETTER_HEIGHT + 2 + 5 + 8])
  const row = (y: number) => Array.from(data.subarray(3 * y * width, 3 * (y + 1) * width))
  for (let y = 0; y < LETTER_HEIGHT; y++)
    expect(row(8 + y).slice(3 * 8, 3 * (8 + title.width))).toEqual(
      Array.from(title.data.subarray(3 * y * title.width, 3 * (y + 1) * title.width)),
    )
  expect(row(8 + LETTER_HEIGHT + 2).slice(3 * 8, 3 * 12)).toEqual(Array(12).fill(10))
})

test('letters differ from each other, and one that is not known is a box', () => {
  const letters = [...'abcdefghijklmnopqrstuvwxyz0123456789%.-']
  const drawn = [...letters, '?'].map((letter) => {
    const { width, data } = lettered(letter)
    return `${width} ${data.join()}`
  })
  expect(new Set(drawn).size).toBe(drawn.length)
  expect(lettered('§')).toEqual(lettered('?'))
  expect(lettered('Head')).toEqual(lettered('head'))
})

test('pictures are stacked one below the other', async () => {
  const { width, height, data } = await stacked([flat(4, 2, 3, 10), flat(3, 1, 3, 20)])
  expect([width, height]).toEqual([4, 2 + 2 + 1])
  expect([data[0], data[3 * 2 * 4], data[3 * 4 * 4], data[3 * (4 * 4 + 3)]]).toEqual([10, 255, 20, 255])
})
