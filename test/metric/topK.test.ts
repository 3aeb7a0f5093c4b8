import fc from 'fast-check'
import { expect, test } from 'vitest'
import { placesOf } from '../../src/metric/topK'

test('the place of the right class is how many have larger logits', () => {
  const logits = Float32Array.of(0.1, 3, -1, 2, /**/ 5, 4, 3, 2)
  expect([...placesOf(logits, 4, [3, 0])]).toEqual([1, 0])
  expect([...placesOf(logits, 4, [2, 3])]).toEqual([3, 3])
})

test('equal logits are right for the first class alone', () => {
  expect([...placesOf(new Float32Array(9), 3, [0, 1, 2])]).toEqual([0, 1, 2])
})

test('logits that are no numbers are never right', () => {
  expect([...placesOf(Float32Array.of(Number.NaN, Number.NaN, Number.NaN), 3, [1])]).toEqual([2])
  expect([...placesOf(Float32Array.of(1, Number.NaN, 0), 3, [0])]).toEqual([1])
})

test('every class has a place of its own, that of a sort', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: -3, max: 3 }), { minLength: 1, maxLength: 12 }), (row) => {
      const sorted = row.map((logit, one) => ({ logit, one })).sort((a, b) => b.logit - a.logit || a.one - b.one)
      for (const [place, { one }] of sorted.entries())
        expect([...placesOf(Float32Array.from(row), row.length, [one])]).toEqual([place])
    }),
  )
})
