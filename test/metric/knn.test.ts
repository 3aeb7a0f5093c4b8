import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { permutation, random } from '../../src/base/random'
import { accuracy, classify, rank, vote } from '../../src/metric/knn'
import {
  dotProducts,
  mostSimilar,
  normalizeRows,
  plainRows,
  type Similarities,
  selecting,
  unitRows,
} from '../../src/metric/neighbours'
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
    const products = await dotProducts(dim)(bank.features)(queries.features)
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

  it('gives these accuracies, all k at once, of features of any length', async () => {
    const temperature = json.expected[0]!.temperature
    const of = json.expected.filter((expected) => expected.temperature === temperature)
    const options = { neighbours: of.map(({ k }) => k), temperature, chunks: { bank: 11, queries: 7 } }
    const unit = await classify(
      { ...plainRows(bank.features, dim), labels: bank.labels },
      { ...plainRows(queries.features, dim), labels: queries.labels },
      options,
    )
    const raw = await classify(
      { ...unitRows(floats('in/train_raw'), dim), labels: bank.labels },
      { ...unitRows(floats('in/test_raw'), dim), labels: queries.labels },
      options,
    )
    for (const scores of [unit, raw])
      scores.forEach((score, i) => {
        const expected = of[i]!
        expect(score.k).toBe(expected.k)
        expect(score.top1).toBeCloseTo(expected.top1, 9)
        const slack = (100 / test) * expected.n_test_whose_top5_membership_depends_on_tie_order
        expect(Math.abs(score.top5 - expected.top5)).toBeLessThanOrEqual(slack + 1e-9)
      })
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
  const set = (features: Float32Array, labels: readonly number[]) => ({ ...plainRows(features, width), labels })
  const features = normalizeRows(normals(rows * width, 'features'), width)
  const labels = Array.from({ length: rows }, (_, i) => i % 7)
  const bank = set(features, labels)
  const options = { neighbours: [1, 3, 10, 1000], temperature: 0.1 }
  const others = {
    features: normalizeRows(normals(31 * width, 'others'), width),
    labels: Array.from({ length: 31 }, (_, i) => (3 * i) % 7),
  }
  const queries = set(others.features, others.labels)

  it('finds every row of the bank itself', async () => {
    const [score] = await classify(bank, bank, { ...options, neighbours: [1] })
    expect(score).toMatchObject({ k: 1, top1: 100, top5: 100 })
  })

  it('depends neither on the order of the bank nor on that of the queries nor on the chunks', async () => {
    const expected = await classify(bank, queries, options)
    const shuffled = (of: { features: Float32Array; labels: readonly number[] }, key: string) => {
      const order = permutation(of.labels.length, key)
      return set(
        Float32Array.from({ length: of.features.length }, (_, i) => {
          return of.features[order[Math.floor(i / width)]! * width + (i % width)]!
        }),
        Array.from(order, (index) => of.labels[index]!),
      )
    }
    for (const chunk of [1, 8, 31, 500]) {
      const scores = await classify(shuffled({ features, labels }, `bank ${chunk}`), shuffled(others, `queries ${chunk}`), {
        ...options,
        chunks: { bank: 501 - chunk, queries: chunk },
      })
      // The queries stand in another order.
      const unordered = (of: typeof scores) => of.map((score) => ({ ...score, ranks: score.ranks.toSorted() }))
      expect(unordered(scores)).toEqual(unordered(expected))
    }
  })

  it('takes the products from whoever makes them, also late', async () => {
    const own = dotProducts(width)
    const sizes: (readonly [number, number])[] = []
    const similarities: Similarities = (chunk) => async (some) => {
      sizes.push([chunk.length / width, some.length / width])
      return own(chunk)(some)
    }
    const nearest = selecting(width, similarities)
    const scores = await classify(bank, queries, { ...options, nearest, chunks: { bank: 40, queries: 16 } })
    expect(sizes).toEqual([
      [40, 16],
      [20, 16],
      [40, 15],
      [20, 15],
    ])
    expect(scores).toEqual(await classify(bank, queries, options))
  })

  it('knows nothing without queries, and of a bank without rows no votes', async () => {
    const none = set(new Float32Array(0), [])
    expect(await classify(bank, none, { ...options, neighbours: [3] })).toMatchObject([{ top1: Number.NaN, top5: Number.NaN }])
    expect((await classify(none, queries, { ...options, neighbours: [3] }))[0]!.ranks).toEqual(Uint32Array.from(others.labels))
  })

  it('selects and votes among 20,000 rows within milliseconds a query', async () => {
    const bankRows = 20_000
    const products = normals(16 * bankRows, 'products').map((value) => value / 10)
    const many = { ...plainRows(new Float32Array(bankRows), 1), labels: Array.from({ length: bankRows }, (_, i) => i % 10) }
    const some = { ...plainRows(new Float32Array(2000), 1), labels: new Uint8Array(2000) }
    const nearest = selecting(1, () => () => products)
    const chunks = { bank: bankRows, queries: 16 }
    const start = performance.now()
    await classify(many, some, { neighbours: [10, 20, 100, 200], temperature: 0.07, nearest, chunks })
    expect(performance.now() - start).toBeLessThan(5000)
  })
})
