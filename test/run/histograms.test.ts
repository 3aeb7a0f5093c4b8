import fc from 'fast-check'
import { expect, test } from 'vitest'
import { histogramOf, weightHistograms } from '../../src/run/histograms'

test('every value is counted once, in the bucket whose limits it lies between', () => {
  fc.assert(
    fc.property(fc.float32Array({ minLength: 1, noNaN: true, noDefaultInfinity: true, min: -1000, max: 1000 }), (values) => {
      const { min, max, num, limits, counts, sum } = histogramOf(values)
      expect([min, max, num]).toEqual([Math.min(...values), Math.max(...values), values.length])
      expect(sum).toBeCloseTo(
        values.reduce((a, b) => a + b, 0),
        3,
      )
      expect(counts.reduce((a, b) => a + b, 0)).toBe(num)
      expect(limits).toHaveLength(counts.length)
      expect(limits.at(-1)).toBe(max)
      // Up to a limit there are as many values as the buckets up to it hold, but for rounding at the limit itself.
      const slack = (max - min) * 1e-9
      let below = 0
      for (const [i, limit] of limits.entries()) {
        below += counts[i]!
        expect(values.filter((value) => value <= limit - slack).length).toBeLessThanOrEqual(below)
        expect(values.filter((value) => value <= limit + slack).length).toBeGreaterThanOrEqual(below)
      }
    }),
  )
})

test('weights of the student have histograms, all else has none', async () => {
  const state = { 'student.a': Float32Array.of(1, 1), 'teacher.a': Float32Array.of(1), 'optimizer.a.m': Float32Array.of(0) }
  expect(await weightHistograms(state)).toEqual([
    { tag: 'student.a', histogram: { min: 1, max: 1, num: 2, sum: 2, sumSquares: 2, limits: [1], counts: [2] } },
  ])
})
