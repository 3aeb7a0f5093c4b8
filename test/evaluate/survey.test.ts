/** What is told of a data set: counts, sizes, moments, duplicates and what can't be read. */
import fc from 'fast-check'
import * as E from 'fp-ts/Either'
import { expect, test } from 'vitest'
import { missing } from '../../src/base/failure'
import { equalGroups, equalPairs } from '../../src/evaluate/duplicates'
import { pixelCounts } from '../../src/evaluate/pixelMoments'
import { shared, survey } from '../../src/evaluate/survey'
import type { Picture } from '../../src/image/picture'
import type { Source } from '../../src/io/source'

const picture = (width: number, height: number, ...data: readonly number[]): Picture => ({
  width,
  height,
  channels: 3,
  data: Uint8Array.from({ length: 3 * width * height }, (_, i) => data[i % data.length]!),
})

/** Pictures in memory; text in place of one says why it can't be read. */
const sourceOf = (pictures: readonly (Picture | string)[], labels: readonly number[] = []): Source => ({
  name: 'pictures in memory',
  count: pictures.length,
  channels: 3,
  size: undefined,
  classes: labels.length === 0 ? [] : ['cat', 'dog', 'eel'],
  label: (i) => labels[i],
  path: (i) => `p${i}`,
  read: async (i) => {
    const one = pictures[i]!
    return typeof one === 'string' ? E.left(missing(one, '')) : E.right(one)
  },
  fingerprint: 'f',
})

const RED = picture(2, 1, 255, 0, 0)
const GREY = picture(1, 2, 100)

test('pictures are counted by class, size, colour, pixels and whether they can be read', async () => {
  const source = sourceOf([RED, GREY, 'p2 is damaged', RED, picture(2, 1, 255, 0, 1), RED], [0, 1, 1, 0, 0, 1])
  const { survey: found } = await survey(source)()
  expect(found).toEqual({
    name: 'pictures in memory',
    count: 6,
    looked: 6,
    unreadable: [{ picture: 'p2', reason: 'p2 is damaged' }],
    classes: [
      { name: 'cat', count: 3 },
      { name: 'dog', count: 3 },
      { name: 'eel', count: 0 },
    ],
    channels: 3,
    grey: 1,
    sizes: [
      { height: 1, width: 2, count: 4 },
      { height: 2, width: 1, count: 1 },
    ],
    mean: [expect.closeTo((4 * 255 + 100) / 5 / 255, 12), expect.closeTo(20 / 255, 12), expect.closeTo(20.2 / 255, 12)],
    std: [expect.closeTo(62 / 255, 12), expect.closeTo(40 / 255, 12), expect.any(Number)],
    duplicates: [{ pictures: ['p0', 'p3', 'p5'], labelsDiffer: true }],
    fingerprint: 'f',
  })
})

test('the same bytes in another shape are no duplicate', async () => {
  const { survey: found } = await survey(sourceOf([picture(2, 1, 7), picture(1, 2, 7)]))()
  expect(found.duplicates).toEqual([])
})

test('where nothing can be read there are no moments', async () => {
  const { survey: found } = await survey(sourceOf(['a', 'b']))()
  expect(found).toMatchObject({ mean: null, std: null, sizes: [], grey: 0, classes: [], duplicates: [] })
  expect(found.unreadable).toHaveLength(2)
})

test('a part of the pictures is spread evenly, and progress ends at all of them', async () => {
  const seen: number[] = []
  const source = sourceOf(Array.from({ length: 100 }, () => RED))
  const told: (readonly [number, number])[] = []
  const watched: Source = {
    ...source,
    read: async (i) => {
      seen.push(i)
      return E.right(RED)
    },
  }
  const { survey: found } = await survey(watched, 4, (done, total) => told.push([done, total]))()
  expect(found).toMatchObject({ count: 100, looked: 4 })
  expect(seen).toEqual([0, 25, 50, 75])
  expect(told[told.length - 1]).toEqual([4, 4])
  expect((await survey(source, 1000)()).survey.looked).toBe(100)
})

test('pictures that two sets have in common are named in both', async () => {
  const first = await survey(sourceOf(['gone', GREY, RED, RED]))()
  const second = await survey(sourceOf([picture(3, 3, 1), RED, 'gone', GREY, RED]))()
  expect(shared(first, second)).toEqual([
    ['p2', 'p1'],
    ['p1', 'p3'],
    ['p2', 'p4'],
  ])
})

test('moments are those of the pixels, in whatever order they come', () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ minLength: 1, maxLength: 50 }), { minLength: 1, maxLength: 5 }), (parts) => {
      const counts = pixelCounts(1)
      for (const data of parts) counts.add({ width: data.length, height: 1, channels: 1, data })
      const all = parts.flatMap((data) => Array.from(data, (value) => value / 255))
      const mean = all.reduce((sum, value) => sum + value, 0) / all.length
      const std = Math.sqrt(all.reduce((sum, value) => sum + (value - mean) ** 2, 0) / all.length)
      const found = counts.moments()
      expect(found.mean[0]).toBeCloseTo(mean, 10)
      expect(found.std[0]).toBeCloseTo(std, 10)
    }),
  )
})

test('equal hashes are found, however they lie', () => {
  fc.assert(
    fc.property(fc.array(fc.bigInt({ min: 0n, max: 5n })), fc.array(fc.bigInt({ min: 0n, max: 5n })), (first, second) => {
      const groups = equalGroups(BigUint64Array.from(first))
      const expected = [...new Set(first)]
        .map((value) => first.flatMap((one, i) => (one === value ? [i] : [])))
        .filter((places) => places.length > 1)
      expect(groups).toEqual(expected)
      const pairs = equalPairs(BigUint64Array.from(first), BigUint64Array.from(second))
      expect(pairs).toEqual(second.flatMap((value, i) => (first.includes(value) ? [[first.indexOf(value), i]] : [])))
    }),
  )
})
