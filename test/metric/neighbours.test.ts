/** The most similar rows of a bank: found chunk by chunk as they would be of the whole. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { random } from '../../src/base/random'
import {
  dotProducts,
  eachNearest,
  mostSimilar,
  type Nearest,
  normalizeRows,
  plainRows,
  selecting,
  unitRows,
} from '../../src/metric/neighbours'

const normals = (count: number, ...key: readonly (string | number)[]): Float32Array => {
  const draw = random(...key)
  return Float32Array.from({ length: count }, draw.normal)
}

/** Few distinct values, so that ties are common. */
const row = fc
  .array(fc.integer({ min: -6, max: 6 }), { minLength: 1, maxLength: 60 })
  .map((values) => Float32Array.from(values, (value) => value / 8))

const sorted = (values: Float32Array): readonly number[] =>
  Array.from(values.keys()).sort((a, b) => values[b]! - values[a]! || a - b)

describe('normalizeRows', () => {
  it('gives rows of length 1 that no positive factor changes', () => {
    const width = 5
    const features = fc.array(fc.float({ min: -100, max: 100, noNaN: true }), { minLength: 2 * width, maxLength: 2 * width })
    fc.assert(
      fc.property(features, fc.integer({ min: 1, max: 1000 }), (values, factor) => {
        const unit = normalizeRows(Float32Array.from(values), width)
        const scaled = normalizeRows(
          Float32Array.from(values, (value) => value * factor),
          width,
        )
        for (let start = 0; start < unit.length; start += width) {
          fc.pre(Math.hypot(...values.slice(start, start + width)) > 1e-6)
          expect(Math.hypot(...unit.subarray(start, start + width))).toBeCloseTo(1, 6)
        }
        scaled.forEach((value, i) => {
          expect(value).toBeCloseTo(unit[i]!, 5)
        })
      }),
    )
  })

  it('leaves a zero row zero', () => {
    expect(Array.from(normalizeRows(Float32Array.of(0, 0, 3, 4), 2))).toEqual([0, 0, Math.fround(0.6), Math.fround(0.8)])
  })
})

describe('dotProducts', () => {
  it('is the product of the matrices, whatever the sizes', async () => {
    const size = (max: number) => fc.integer({ min: 1, max })
    await fc.assert(
      fc.asyncProperty(size(5), size(11), size(9), async (rows, bankRows, width) => {
        const queries = normals(rows * width, 'queries', rows)
        const bank = normals(bankRows * width, 'bank', bankRows)
        const products = await dotProducts(width)(bank)(queries)
        expect(products.length).toBe(rows * bankRows)
        products.forEach((product, at) => {
          const [query, other] = [Math.floor(at / bankRows) * width, (at % bankRows) * width]
          const expected = Array.from({ length: width }, (_, i) => queries[query + i]! * bank[other + i]!)
          expect(product).toBeCloseTo(
            expected.reduce((sum, value) => sum + value, 0),
            5,
          )
        })
      }),
      { numRuns: 50 },
    )
  })
})

describe('mostSimilar', () => {
  it('is the beginning of a stable descending sort', () => {
    fc.assert(
      fc.property(row, fc.integer({ min: 1, max: 70 }), (values, k) => {
        const { indices, similarities } = mostSimilar(values, k)
        expect(Array.from(indices)).toEqual(sorted(values).slice(0, k))
        expect(Array.from(similarities)).toEqual(Array.from(indices, (index) => values[index]!))
      }),
    )
  })
})

describe('unitRows', () => {
  it('gives the rows that normalizeRows makes, each chunk as it is until the one after the next is read', () => {
    const width = 3
    const features = normals(20 * width, 'unit')
    const unit = normalizeRows(features, width)
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 25 }), (size) => {
        const { count, read } = unitRows(features, width)
        expect(count).toBe(20)
        const chunk = (from: number) => [from, Math.min(from + size, count)] as const
        let before: (() => void) | undefined
        for (let first = 0; first < count; first += size) {
          const [from, to] = chunk(first)
          const found = read(from, to)
          const check = () => expect(found).toEqual(unit.subarray(from * width, to * width))
          check()
          before?.()
          before = check
        }
      }),
    )
    expect(features).toEqual(normals(20 * width, 'unit'))
  })
})

describe('eachNearest', () => {
  const size = (max: number) => fc.integer({ min: 1, max })

  it('finds in chunks of any size what there is in the whole, the lower index first where products are equal', async () => {
    await fc.assert(
      fc.asyncProperty(size(40), size(12), size(3), size(50), size(45), size(13), fc.nat(), async (...given) => {
        const [count, asked, width, k, bankRows, queryRows, seed] = given
        const draw = random('ties', seed)
        // Few values, so that many products are equal.
        const rows = (number: number) => Float32Array.from({ length: number * width }, () => draw.integer(3) - 1)
        const [bank, queries] = [rows(count), rows(asked)]
        // Answers later than the next chunk is asked for, by what is given then: memory that goes round may not be overwritten.
        const nearest: Nearest = async (...chunk) => {
          for (let turn = 0; turn < 3; turn++) await Promise.resolve()
          return selecting(width, dotProducts(width))(...chunk)
        }
        for (const kind of [plainRows, unitRows]) {
          const whole = kind === plainRows ? [bank, queries] : [bank, queries].map((some) => normalizeRows(some, width))
          const products = dotProducts(width)(whole[0]!)(whole[1]!)
          const heard: number[] = []
          await eachNearest(
            kind(bank, width),
            kind(queries, width),
            k,
            nearest,
            (query, found) => {
              heard.push(query)
              expect(found).toEqual(mostSimilar(products.subarray(query * count, (query + 1) * count), k))
            },
            { bank: bankRows, queries: queryRows },
          )
          expect(heard).toEqual(Array.from({ length: asked }, (_, query) => query))
        }
      }),
    )
  })

  it('takes chunks of a fixed amount of memory by itself', async () => {
    const [width, k] = [2 ** 15, 1]
    const [few, many] = [normals(70 * 4, 'few'), normals(70 * width, 'many')]
    // What the other columns hold is the same for all.
    for (let at = 0; at < 70; at++) many.fill(0, at * width + 4, (at + 1) * width)
    for (let at = 0; at < 70; at++) few.set(many.subarray(at * width, at * width + 4), at * 4)
    const sizes: number[] = []
    const nearest: Nearest = (rows, some, best) => {
      sizes.push(rows.length / width, some.length / width)
      return selecting(width, dotProducts(width))(rows, some, best)
    }
    const products = dotProducts(4)(few)(few)
    await eachNearest(plainRows(many, width), plainRows(many, width), k, nearest, (query, found) =>
      expect(found).toEqual(mostSimilar(products.subarray(query * 70, (query + 1) * 70), k)),
    )
    expect(sizes).toEqual([64, 64, 6, 64, 64, 6, 6, 6])
  })

  it('ends where a chunk fails', async () => {
    const rows = plainRows(normals(10, 'failing'), 1)
    const nearest: Nearest = (bank, queries, k) =>
      bank.length < 4 ? Promise.reject(new Error('the last chunk')) : selecting(1, dotProducts(1))(bank, queries, k)
    const told: number[] = []
    await expect(eachNearest(rows, rows, 2, nearest, (query) => told.push(query), { bank: 4, queries: 5 })).rejects.toThrow(
      'the last chunk',
    )
    expect(told).toEqual([])
  })
})
