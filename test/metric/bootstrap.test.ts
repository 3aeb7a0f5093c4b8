import fc from 'fast-check'
import { expect, test } from 'vitest'
import { random } from '../../src/base/random'
import { bootstrap } from '../../src/metric/bootstrap'
import { clusteringScores } from '../../src/metric/clustering'

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

test('intervals of clustering scores lie around what was measured, and are as wide as the scores of other pictures are', () => {
  const [count, classes] = [1500, 50]
  /** Pictures of 50 classes, 4 of 10 in the cluster of their class, the others anywhere. */
  const drawn = (seed: number) => {
    const one = random('pictures', seed)
    const labels = Uint32Array.from({ length: count }, () => one.integer(classes))
    const clusters = labels.map((label) => (one.integer(10) < 4 ? label : one.integer(classes)))
    return { labels, clusters }
  }
  const scored = ({ labels, clusters }: ReturnType<typeof drawn>) => {
    const { nmi, ari, fowlkesMallows } = clusteringScores(labels, clusters, false)
    return { nmi, ari, fowlkesMallows }
  }
  const { labels, clusters } = drawn(0)
  const measured = scored({ labels, clusters })
  const intervals = bootstrap(
    count,
    (rows) => scored({ labels: rows.map((row) => labels[row]!), clusters: rows.map((row) => clusters[row]!) }),
    options(200),
  )
  const others = Array.from({ length: 200 }, (_, i) => scored(drawn(1 + i)))
  for (const name of ['nmi', 'ari', 'fowlkesMallows'] as const) {
    const sorted = others.map((one) => one[name]).toSorted((a, b) => a - b)
    const width = sorted[195]! - sorted[5]!
    const { low, high } = intervals[name]!
    expect(Math.abs((low + high) / 2 - measured[name])).toBeLessThan(0.2 * width)
    expect(high - low).toBeGreaterThan(0.7 * width)
    expect(high - low).toBeLessThan(1.4 * width)
  }
})

test('what is never negative has no interval below 0', () => {
  const hits = [1, 0, 0, 0, 0, 0, 0, 0]
  /** Too high in every draw that has a picture twice. */
  const of = (rows: Uint32Array) => ({ share: share(hits)(rows).share + 1 - new Set(rows).size / rows.length })
  expect(bootstrap(hits.length, of, options(200)).share!.low).toBe(0)
})
