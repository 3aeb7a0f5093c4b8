import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it, test } from 'vitest'
import { random } from '../../src/base/random'
import { clusterFrom, firstCentres, type KMeansOptions, kMeans } from '../../src/metric/kMeans'
import { pointsOf } from '../../src/ops/probe/points'
import { TABLE, testEngine } from '../engine'

interface Case {
  readonly case: string
  readonly width: number
  readonly points: readonly number[]
  readonly first: readonly number[]
  readonly tolerance: number
  readonly rounds: number
  readonly labels: readonly number[]
  readonly inertia: number
  readonly centres: readonly number[]
}

const { cases } = JSON.parse(readFileSync(join(__dirname, 'kMeans.json'), 'utf8')) as { readonly cases: readonly Case[] }

const matrix = (values: readonly number[], width: number) => ({ values: Float32Array.from(values), width })

/** Groups of points as sets of places, whatever the clusters' numbers. */
const groups = (labels: ArrayLike<number>): ReadonlySet<string> => {
  const byLabel = new Map<number, number[]>()
  for (let i = 0; i < labels.length; i++) byLabel.set(labels[i]!, [...(byLabel.get(labels[i]!) ?? []), i])
  return new Set([...byLabel.values()].map((places) => places.join()))
}

const options = (more: Partial<KMeansOptions> & Pick<KMeansOptions, 'k'>): KMeansOptions => ({
  starts: 1,
  rounds: 300,
  tolerance: 1e-4,
  draws: (start) => random('test', start),
  ...more,
})

describe.each(TABLE)('on $backend', ({ backend, skipped }) => {
  it.skipIf(skipped).each(cases)(
    "from scikit-learn's first centres come its clusters: $case",
    async ({ width, points, first, tolerance, rounds, labels, inertia, centres }) => {
      const engine = await testEngine(backend)
      const k = first.length / width
      const of = pointsOf(matrix(points, width), false, engine)
      // Points are counted from their mean.
      const mean = Array.from({ length: width }, (_, i) => points[i]! - of.at(0)[i]!)
      const shifted = Float32Array.from(first, (value, i) => value - mean[i % width]!)
      const found = await clusterFrom(of, shifted, options({ k, tolerance, rounds }))
      expect(Array.from(found.labels)).toEqual(labels)
      expect(found.inertia / inertia).toBeCloseTo(1, 4)
      for (const [i, centre] of centres.entries()) expect(found.centres[i]! + mean[i % width]!).toBeCloseTo(centre, 3)
    },
  )

  it.skipIf(skipped)('groups that are far apart are found from any start, unit vectors by their directions', async () => {
    const engine = await testEngine(backend)
    const draw = random('groups')
    const directions = [
      [1, 0, 0],
      [0, 1, 0],
      [0, 0, 1],
    ]
    const truth = Array.from({ length: 90 }, (_, i) => i % 3)
    const rows = truth.flatMap((group) => {
      const length = draw.between(0.1, 10)
      return directions[group]!.map((value) => length * (value + 0.1 * draw.normal()))
    })
    const points = pointsOf(matrix(rows, 3), true, engine)
    const { labels, inertia } = await kMeans(points, options({ k: 3, starts: 4 }))
    expect(groups(labels)).toEqual(groups(truth))
    const one = await kMeans(points, options({ k: 3, starts: 4 }))
    expect(one.labels).toEqual(labels)
    expect(one.inertia).toBe(inertia)
  })
})

test('several starts are what each is alone, and the best of them counts', async () => {
  const engine = await testEngine('cpu')
  const rows = Array.from({ length: 240 }, (_, i) => random('rows', i).normal())
  const of = (starts: number) => options({ k: 5, starts, tolerance: 0 })
  const points = pointsOf(matrix(rows, 3), false, engine)
  const first = await firstCentres(points, of(4))
  const alone = []
  for (let start = 0; start < 4; start++) alone.push(await clusterFrom(points, first.slice(start * 15, (start + 1) * 15), of(1)))
  const least = alone.reduce((a, b) => (b.inertia < a.inertia ? b : a))
  const together = await clusterFrom(points, first, of(4))
  expect(groups(together.labels)).toEqual(groups(least.labels))
  expect(together.inertia).toBeCloseTo(least.inertia, 3)
})

test('first centres are points, each of them another one while there are others', async () => {
  const engine = await testEngine('cpu')
  await fc.assert(
    fc.asyncProperty(fc.array(fc.integer({ min: -3, max: 3 }), { minLength: 1, maxLength: 12 }), fc.nat(), async (rows, seed) => {
      const distinct = new Set(rows).size
      const k = Math.min(4, rows.length)
      const points = pointsOf(matrix(rows, 1), false, engine)
      const centres = await firstCentres(points, options({ k, draws: (start) => random('first', seed, start) }))
      const places = Array.from(centres, (centre) => rows.findIndex((_, i) => points.at(i)[0] === centre))
      expect(places).not.toContain(-1)
      expect(new Set(places.map((place) => rows[place])).size).toBe(Math.min(k, distinct))
      const { labels } = await kMeans(points, options({ k }))
      expect(Math.max(...labels)).toBeLessThan(k)
    }),
    { numRuns: 60 },
  )
})
