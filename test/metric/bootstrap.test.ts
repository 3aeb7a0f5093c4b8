import fc from 'fast-check'
import { expect, test } from 'vitest'
import { random } from '../../src/base/random'
import { bootstrap } from '../../src/metric/bootstrap'

const options = (draws: number, seed = 0) => ({ draws, confidence: 0.95, random: random('bootstrap', seed) })

const share = (hits: readonly number[]) => (rows: Uint32Array) => ({
  share: rows.reduce((sum, row) => sum + hits[row]!, 0) / rows.length,
})

test('the interval of a share is about that of the normal approximation', () => {
  const count = 1000
  const hits = Array.from({ length: count }, (_, i) => (i % 4 === 0 ? 1 : 0))
  const { share: interval } = bootstrap(count, share(hits), options(4000))
  const half = 1.96 * Math.sqrt((0.25 * 0.75) / count)
  expect(interval!.low).toBeCloseTo(0.25 - half, 2)
  expect(interval!.high).toBeCloseTo(0.25 + half, 2)
})

test('it holds the middle of the draws, and one of equal rows has no width', () => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom(0, 1), { minLength: 1, maxLength: 30 }), fc.nat(), (hits, seed) => {
      const { share: interval } = bootstrap(hits.length, share(hits), options(50, seed))
      const mean = hits.reduce<number>((a, b) => a + b, 0) / hits.length
      expect(interval!.low).toBeLessThanOrEqual(interval!.high)
      if (mean === 0 || mean === 1) expect(interval).toEqual({ low: mean, high: mean })
      expect(bootstrap(hits.length, share(hits), options(50, seed))).toEqual({ share: interval })
    }),
  )
})

test('of a score that pictures drawn twice make higher, it lies around the measured number', () => {
  // The share of pairs that are of one class: 1 in 10 but for pairs of a picture with itself.
  const count = 50
  const pairs = (rows: Uint32Array) => {
    const sizes = new Map<number, number>()
    for (const row of rows) sizes.set(row % 10, (sizes.get(row % 10) ?? 0) + 1)
    const same = [...sizes.values()].reduce((sum, size) => sum + size * (size - 1), 0)
    return { pairs: same / (rows.length * (rows.length - 1)) }
  }
  const value = pairs(Uint32Array.from({ length: count }, (_, i) => i)).pairs
  const { pairs: interval } = bootstrap(count, pairs, options(1000))
  expect(interval!.low).toBeLessThan(value)
  expect(interval!.high).toBeGreaterThan(value)
})

test('there is none without rows, nor of numbers that some draw has not', () => {
  expect(bootstrap(0, () => ({ none: 0 }), options(10))).toEqual({})
  expect(bootstrap(3, () => ({ none: Number.NaN, one: 1 }), options(10))).toEqual({ one: { low: 1, high: 1 } })
})
