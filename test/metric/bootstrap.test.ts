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

test('there is none without rows, nor of numbers that some draw has not', () => {
  expect(bootstrap(0, () => ({ none: 0 }), options(10))).toEqual({})
  expect(bootstrap(3, () => ({ none: Number.NaN, one: 1 }), options(10))).toEqual({ one: { low: 1, high: 1 } })
})
