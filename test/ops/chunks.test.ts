/** Rows in chunks: each row once, in order, two chunks under way; and probes find in chunks what they find in all rows at once. */
import fc from 'fast-check'
import { describe, expect, it, test } from 'vitest'
import { chunkRows, eachChunk } from '../../src/base/chunks'
import { random } from '../../src/base/random'
import { kMeans } from '../../src/metric/kMeans'
import { logisticFits, scalingOf } from '../../src/ops/probe/logisticFits'
import { pointsOf } from '../../src/ops/probe/points'
import { TABLE, testEngine } from '../engine'

test('every row goes out once and comes back in its order, with at most two chunks under way', async () => {
  await fc.assert(
    fc.asyncProperty(fc.nat(40), fc.integer({ min: 1, max: 12 }), async (rows, size) => {
      let [underWay, most] = [0, 0]
      const taken: number[] = []
      await eachChunk(
        rows,
        size,
        async (from, to) => {
          most = Math.max(most, ++underWay)
          await Promise.resolve()
          underWay--
          return Array.from({ length: to - from }, (_, i) => from + i)
        },
        (found, from, to) => {
          expect(found.length).toBe(to - from)
          expect(to - from).toBeLessThanOrEqual(size)
          taken.push(...found)
        },
      )
      expect(taken).toEqual(Array.from({ length: rows }, (_, i) => i))
      expect(most).toBeLessThanOrEqual(2)
    }),
  )
})

test('a chunk that fails ends it, whichever it is', async () => {
  for (const bad of [0, 3, 9]) {
    const taken: number[] = []
    const going = eachChunk(
      10,
      1,
      (from) => (from >= bad ? Promise.reject(new Error(`chunk ${from}`)) : Promise.resolve(from)),
      (found) => taken.push(found),
    )
    await expect(going).rejects.toThrow(`chunk ${bad}`)
    expect(taken).toEqual(Array.from({ length: bad }, (_, i) => i))
  }
})

test('a chunk has one row at least, and fewer the more belongs to each', () => {
  expect(chunkRows(384, 40)).toBe(5461)
  expect(chunkRows(384, 4096)).toBe(1024)
  expect(chunkRows(2 ** 30, 1)).toBe(1)
})

const [ROWS, NARROW, WIDE] = [150, 3, 2 ** 15] as const
const CLASSES = 3

/** Rows around the centres of their classes. */
const narrow = (() => {
  const draw = random('chunks')
  const labels = Uint32Array.from({ length: ROWS }, (_, row) => row % CLASSES)
  const values = Float32Array.from({ length: ROWS * NARROW }, (_, at) => {
    const own = at % NARROW === labels[Math.floor(at / NARROW)]
    return (own ? 2 : 0) + draw.normal()
  })
  return { values, width: NARROW, labels }
})()

/** The same with columns of zeros, which change nothing, but rows go out in several chunks, the last of them smaller. */
const wide = (() => {
  const values = new Float32Array(ROWS * WIDE)
  for (let row = 0; row < ROWS; row++) values.set(narrow.values.subarray(row * NARROW, (row + 1) * NARROW), row * WIDE)
  return { values, width: WIDE, labels: narrow.labels }
})()

describe.each(TABLE)('on $backend', ({ backend, skipped }) => {
  it.skipIf(skipped)('chunks that do not divide the rows give the fit of all rows', async () => {
    expect(ROWS % chunkRows(WIDE, CLASSES)).not.toBe(0)
    expect(ROWS / chunkRows(WIDE, CLASSES)).toBeGreaterThan(2)
    const engine = await testEngine(backend)
    const counted = Float32Array.from({ length: ROWS }, (_, row) => (row % 10 === 9 ? 0 : 1))
    const [whole, chunked] = await Promise.all(
      [narrow, wide].map(async (rows) => {
        const start = { C: 1, point: new Float64Array((rows.width + 1) * CLASSES) }
        const options = { iterations: 200, tolerance: 1e-4 }
        const [fit] = await logisticFits(engine, rows, CLASSES, scalingOf(rows, true), options).fit([start], counted)
        return fit!
      }),
    )
    expect(chunked!.converged).toBe(true)
    expect(chunked!.value).toBeCloseTo(whole!.value, 5)
    const weights = NARROW * CLASSES
    for (let at = 0; at < weights; at++) expect(chunked!.point[at]!).toBeCloseTo(whole!.point[at]!, 2)
    expect(chunked!.point.subarray(weights, WIDE * CLASSES).every((weight) => weight === 0)).toBe(true)
  })

  it.skipIf(skipped)('chunks that do not divide the rows give the clusters of all rows', async () => {
    const engine = await testEngine(backend)
    const [whole, chunked] = await Promise.all(
      [narrow, wide].map((rows) =>
        kMeans(pointsOf(rows, true, engine), {
          ...{ k: 3, starts: 2, rounds: 300, tolerance: 0 },
          draws: (start) => random('chunks', start),
        }),
      ),
    )
    expect(chunked!.labels).toEqual(whole!.labels)
    expect(Math.abs(chunked!.rounds - whole!.rounds)).toBeLessThanOrEqual(1)
    expect(chunked!.inertia).toBeCloseTo(whole!.inertia, 3)
  })
})
