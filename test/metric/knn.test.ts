import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { permutation, random } from '../../src/base/random'
import { accuracy, classify, dotProducts, mostSimilar, normalizeRows, rank, type Similarities, vote } from '../../src/metric/knn'
import { reference } from '../reference'

interface Fixture {
  readonly config: { readonly classes: number; readonly dim: number; readonly test: number; readonly train: number }
  readonly expected: readonly {
    readonly k: number
    readonly temperature: number
    readonly top1: number
    readonly top5: number
    readonly n_test_whose_top5_membership_depends_on_tie_order: number
  }[]
  readonly tolerance: { readonly default: { readonly atol: number; readonly rtol: number } }
}

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

describe('the official k-NN classifier', () => {
  const { json, floats, integers } = reference<Fixture>('knn')
  const { classes, dim, test, train } = json.config
  const bank = { features: floats('in/train_features'), labels: integers('in/train_labels') }
  const queries = { features: floats('in/test_features'), labels: integers('in/test_labels') }

  it.each(['train', 'test'])('has the features of %s at length 1', (split) => {
    const unit = normalizeRows(floats(`in/${split}_raw`), dim)
    const expected = floats(`in/${split}_features`)
    unit.forEach((value, i) => {
      expect(Math.abs(value - expected[i]!)).toBeLessThanOrEqual(1e-6)
    })
  })

  it.each(json.expected)('gives these votes for k = $k', async ({ k, temperature }) => {
    const products = await dotProducts(bank.features, dim)(queries.features, test)
    const expected = floats(`out/k${k}_T${temperature}/votes`)
    const { atol, rtol } = json.tolerance.default
    for (let query = 0; query < test; query++) {
      const nearest = mostSimilar(products.subarray(query * train, (query + 1) * train), k)
      vote(nearest, bank.labels, classes, k, temperature).forEach((votes, label) => {
        const want = expected[query * classes + label]!
        expect(Math.abs(votes - want)).toBeLessThanOrEqual(atol + rtol * Math.abs(want))
      })
    }
  })

  it('gives these accuracies, all k at once', async () => {
    const temperature = json.expected[0]!.temperature
    const of = json.expected.filter((expected) => expected.temperature === temperature)
    const scores = await classify(bank, queries, dim, { neighbours: of.map(({ k }) => k), temperature, chunk: 7 })
    scores.forEach((score, i) => {
      const expected = of[i]!
      expect(score.k).toBe(expected.k)
      expect(score.top1).toBeCloseTo(expected.top1, 9)
      const slack = (100 / test) * expected.n_test_whose_top5_membership_depends_on_tie_order
      expect(Math.abs(score.top5 - expected.top5)).toBeLessThanOrEqual(slack + 1e-9)
    })
  })
})

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
        const products = await dotProducts(bank, width)(queries, rows)
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

describe('vote', () => {
  const labelled = row.chain((values) =>
    fc.tuple(
      fc.constant(values),
      fc.array(fc.integer({ min: 0, max: 4 }), { minLength: values.length, maxLength: values.length }),
    ),
  )

  it('gives every neighbour its weight once', () => {
    fc.assert(
      fc.property(labelled, fc.integer({ min: 1, max: 70 }), ([values, labels], k) => {
        const nearest = mostSimilar(values, 70)
        const votes = vote(nearest, labels, 5, k, 0.07)
        const weights = Array.from(nearest.similarities.subarray(0, k), (similarity) => Math.exp(similarity / 0.07))
        const total = weights.reduce((sum, weight) => sum + weight, 0)
        expect(Math.abs(votes.reduce((sum, value) => sum + value, 0) - total)).toBeLessThanOrEqual(1e-9 * total)
        expect(votes).toEqual(vote(mostSimilar(values, k), labels, 5, k, 0.07))
      }),
    )
  })
})

describe('rank', () => {
  it('is the place in a stable descending sort', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 4 }), { minLength: 1, maxLength: 20 }), (votes) => {
        const order = Array.from(votes.keys()).sort((a, b) => votes[b]! - votes[a]! || a - b)
        order.forEach((label, place) => {
          expect(rank(Float64Array.from(votes), label)).toBe(place)
        })
      }),
    )
  })
})

describe('accuracy', () => {
  it('is the percentage of ranks below the bar', () => {
    expect(accuracy([0, 1, 4, 5], 1)).toBe(25)
    expect(accuracy([0, 1, 4, 5], 5)).toBe(75)
  })
})

describe('classify', () => {
  const width = 8
  const rows = 60
  const features = normalizeRows(normals(rows * width, 'features'), width)
  const labels = Array.from({ length: rows }, (_, i) => i % 7)
  const options = { neighbours: [1, 3, 10, 1000], temperature: 0.1 }
  const queries = {
    features: normalizeRows(normals(31 * width, 'others'), width),
    labels: Array.from({ length: 31 }, (_, i) => (3 * i) % 7),
  }

  it('finds every row of the bank itself', async () => {
    const [score] = await classify({ features, labels }, { features, labels }, width, { ...options, neighbours: [1] })
    expect(score).toMatchObject({ k: 1, top1: 100, top5: 100 })
  })

  it('depends neither on the order of the bank nor on that of the queries nor on the chunks', async () => {
    const expected = await classify({ features, labels }, queries, width, options)
    const shuffled = (set: { features: Float32Array; labels: readonly number[] }, key: string) => {
      const order = permutation(set.labels.length, key)
      return {
        features: Float32Array.from({ length: set.features.length }, (_, i) => {
          return set.features[order[Math.floor(i / width)]! * width + (i % width)]!
        }),
        labels: Array.from(order, (index) => set.labels[index]!),
      }
    }
    for (const chunk of [1, 8, 31, 500]) {
      const scores = await classify(
        shuffled({ features, labels }, `bank ${chunk}`),
        shuffled(queries, `queries ${chunk}`),
        width,
        {
          ...options,
          chunk,
        },
      )
      // The queries stand in another order.
      const unordered = (of: typeof scores) => of.map((score) => ({ ...score, ranks: score.ranks.toSorted() }))
      expect(unordered(scores)).toEqual(unordered(expected))
    }
  })

  it('takes the products from whoever makes them, also late', async () => {
    const own = dotProducts(features, width)
    const sizes: number[] = []
    const similarities: Similarities = async (chunk, count) => {
      sizes.push(count)
      return own(chunk, count)
    }
    const bank = { features, labels }
    const scores = await classify(bank, queries, width, { ...options, similarities, chunk: 10 })
    expect(sizes).toEqual([10, 10, 10, 1])
    expect(scores).toEqual(await classify(bank, queries, width, options))
  })

  it('selects and votes among 20,000 rows within milliseconds a query', async () => {
    const bankRows = 20_000
    const products = normals(16 * bankRows, 'products').map((value) => value / 10)
    const bank = { features: new Float32Array(0), labels: Array.from({ length: bankRows }, (_, i) => i % 10) }
    const many = { features: new Float32Array(0), labels: new Uint8Array(2000) }
    const start = performance.now()
    await classify(bank, many, 1, { neighbours: [10, 20, 100, 200], temperature: 0.07, similarities: () => products, chunk: 16 })
    expect(performance.now() - start).toBeLessThan(5000)
  })
})
