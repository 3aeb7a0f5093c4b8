import { expect, test } from 'vitest'
import { growth } from '../../bench/benchmarks/leak'
import { alternate, compared, median, repeat, saving, share } from '../../bench/compare'

test('the median is the middle one, or between the two in the middle', () => {
  expect(median([3, 1, 2])).toBe(2)
  expect(median([4, 1, 10, 2])).toBe(3)
  expect(median([5])).toBe(5)
  expect(median([])).toBeNaN()
  expect(median([10, 9, 100])).toBe(10)
})

test('the median leaves its values in their order', () => {
  const values = [3, 1, 2]
  median(values)
  expect(values).toEqual([3, 1, 2])
})

test('two programs are measured in turn, each first as often as the other', async () => {
  const order: string[] = []
  const measure = (side: string, values: readonly number[]) => {
    const left = [...values]
    return async () => {
      order.push(side)
      return left.shift()!
    }
  }
  const seen = await alternate(measure('ours', [1, 2, 3]), measure('theirs', [10, 20, 30]), 3)
  expect(order).toEqual(['ours', 'theirs', 'theirs', 'ours', 'ours', 'theirs'])
  expect(seen).toEqual({ ours: [1, 2, 3], theirs: [10, 20, 30] })
})

test('a program alone is measured again and again', async () => {
  let count = 0
  expect(await repeat(async () => ++count, 3)).toEqual([1, 2, 3])
})

test("the ratio is the median of the rounds' ratios, whatever slowed a round down", () => {
  // The third round was ten times as slow for both, the fourth for one of them.
  const seen = { ours: [2, 2, 20, 20, 2], theirs: [4, 4, 40, 4, 4] }
  expect(compared(seen, saving)).toEqual({ ratio: 2, ours: 2, theirs: 4 })
  expect(compared(seen, share)).toEqual({ ratio: 0.5, ours: 2, theirs: 4 })
})

test('growth is in percent of what was there', () => {
  expect(growth(200, 210)).toBeCloseTo(5, 12)
  expect(growth(200, 190)).toBeCloseTo(-5, 12)
})
