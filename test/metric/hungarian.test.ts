import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { random } from '../../src/base/random'
import { assign } from '../../src/metric/hungarian'

const total = (costs: ArrayLike<number>, size: number, columnOf: ArrayLike<number>): number =>
  Array.from(columnOf).reduce((sum, column, row) => sum + costs[row * size + column]!, 0)

/** The least total over all permutations. */
const cheapest = (costs: ArrayLike<number>, size: number, row = 0, taken = 0): number => {
  if (row === size) return 0
  let least = Number.POSITIVE_INFINITY
  for (let column = 0; column < size; column++) {
    if ((taken >> column) & 1) continue
    least = Math.min(least, costs[row * size + column]! + cheapest(costs, size, row + 1, taken | (1 << column)))
  }
  return least
}

const matrix = fc
  .integer({ min: 0, max: 6 })
  .chain((size) =>
    fc.tuple(fc.constant(size), fc.array(fc.integer({ min: -20, max: 20 }), { minLength: size * size, maxLength: size * size })),
  )

describe('assign', () => {
  it('gives every row a column of its own, at the least cost of all', () => {
    fc.assert(
      fc.property(matrix, ([size, costs]) => {
        const columnOf = assign(costs, size)
        expect(Array.from(columnOf).sort()).toEqual(Array.from({ length: size }, (_, i) => i))
        expect(total(costs, size, columnOf)).toBe(cheapest(costs, size))
      }),
      { numRuns: 300 },
    )
  })

  it('costs no more and no less when a row or a column is moved by a constant', () => {
    fc.assert(
      fc.property(matrix, fc.nat(5), fc.integer({ min: -9, max: 9 }), ([size, costs], line, shift) => {
        fc.pre(line < size)
        const least = total(costs, size, assign(costs, size))
        const rowMoved = costs.map((cost, i) => (Math.floor(i / size) === line ? cost + shift : cost))
        const columnMoved = costs.map((cost, i) => (i % size === line ? cost + shift : cost))
        expect(total(rowMoved, size, assign(rowMoved, size))).toBe(least + shift)
        expect(total(columnMoved, size, assign(columnMoved, size))).toBe(least + shift)
      }),
    )
  })

  it('finds a hidden permutation among a thousand rows in a moment', () => {
    const size = 1000
    const draw = random('costs')
    const costs = Float64Array.from({ length: size * size }, () => draw.between(1, 2))
    for (let row = 0; row < size; row++) costs[row * size + ((row * 7) % size)] = 0
    const start = performance.now()
    expect(Array.from(assign(costs, size))).toEqual(Array.from({ length: size }, (_, row) => (row * 7) % size))
    expect(performance.now() - start).toBeLessThan(5000)
  })
})
