import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { permutation, random } from '../../src/base/random'
import {
  adjustedRandIndex,
  clusteringScores,
  fowlkesMallows,
  hungarianAccuracy,
  normalizedMutualInformation,
} from '../../src/metric/clustering'
import { reference } from '../reference'

interface Fixture {
  readonly expected: readonly {
    readonly case: string
    readonly nmi: number
    readonly ari: number
    readonly f: number
    readonly acc: number
  }[]
  readonly tolerance: { readonly default: { readonly atol: number; readonly rtol: number } }
}

const scores = { normalizedMutualInformation, adjustedRandIndex, fowlkesMallows, hungarianAccuracy }
const pairScores = { normalizedMutualInformation, adjustedRandIndex, fowlkesMallows }

/** Two partitions of the same samples. */
const partitions = fc
  .integer({ min: 1, max: 40 })
  .chain((length) =>
    fc.tuple(
      fc.array(fc.nat(4), { minLength: length, maxLength: length }),
      fc.array(fc.nat(6), { minLength: length, maxLength: length }),
    ),
  )

describe('the official scores', () => {
  const { json, integers } = reference<Fixture>('unsupervised')
  const { atol, rtol } = json.tolerance.default
  const expectClose = (got: number, want: number) => {
    expect(Math.abs(got - want)).toBeLessThanOrEqual(atol + rtol * Math.abs(want))
  }

  it.each(json.expected)('are these for $case', ({ case: name, nmi, ari, f, acc }) => {
    const got = clusteringScores(integers(`in/${name}/labels`), integers(`in/${name}/pred`), acc !== -1)
    expectClose(got.nmi, nmi)
    expectClose(got.ari, ari)
    expectClose(got.fowlkesMallows, f)
    // Where cluster 0 does not occur the official accuracy is that of shifted clusters, at most the best one.
    if (name === 'no_zero') expect(got.accuracy).toBeGreaterThanOrEqual(acc)
    else expectClose(got.accuracy, acc)
  })

  it('have the official accuracy without cluster 0 once clusters are numbered from 0', () => {
    const labels = integers('in/no_zero/labels')
    const pred = integers('in/no_zero/pred')
    const numbered = pred.map((cluster) => cluster - 1)
    expect(hungarianAccuracy(labels, numbered)).toBe(hungarianAccuracy(labels, pred))
  })
})

describe.each(Object.entries(scores))('%s', (_, score) => {
  it('is 1 for the true classes under any names', () => {
    fc.assert(
      fc.property(partitions, ([labels]) => {
        // Without two samples together anywhere Fowlkes–Mallows has no pair to count.
        fc.pre(new Set(labels).size < labels.length)
        const renamed = labels.map((label) => 17 - 3 * label)
        expect(score(labels, renamed)).toBeCloseTo(1, 12)
      }),
    )
  })

  it('depends neither on the names of clusters nor on the order of samples', () => {
    fc.assert(
      fc.property(partitions, fc.nat(), ([labels, predicted], seed) => {
        const want = score(labels, predicted)
        const name = permutation(7, 'names', seed)
        const order = permutation(labels.length, 'order', seed)
        expect(
          score(
            labels,
            predicted.map((cluster) => name[cluster]!),
          ),
        ).toBeCloseTo(want, 12)
        expect(
          score(
            Array.from(order, (i) => labels[i]!),
            Array.from(order, (i) => predicted[i]!),
          ),
        ).toBeCloseTo(want, 12)
      }),
    )
  })
})

describe.each(Object.entries(pairScores))('%s', (_, score) => {
  it('is symmetric and at most 1', () => {
    fc.assert(
      fc.property(partitions, ([labels, predicted]) => {
        expect(score(predicted, labels)).toBeCloseTo(score(labels, predicted), 12)
        expect(score(labels, predicted)).toBeLessThanOrEqual(1 + 1e-12)
      }),
    )
  })
})

describe('adjustedRandIndex', () => {
  it('is what counting pairs one by one gives', () => {
    fc.assert(
      fc.property(partitions, ([labels, predicted]) => {
        let [both, inClasses, inClusters, all] = [0, 0, 0, 0]
        for (let i = 0; i < labels.length; i++) {
          for (let j = 0; j < i; j++) {
            const together = [labels[i] === labels[j], predicted[i] === predicted[j]]
            all++
            if (together[0]) inClasses++
            if (together[1]) inClusters++
            if (together[0] && together[1]) both++
          }
        }
        const expected = (inClasses * inClusters) / all
        const most = (inClasses + inClusters) / 2
        const want = both === inClasses && both === inClusters ? 1 : (both - expected) / (most - expected)
        expect(adjustedRandIndex(labels, predicted)).toBeCloseTo(want, 10)
      }),
    )
  })

  it('is near 0 for clusters drawn by chance', () => {
    const draw = random('chance')
    const labels = Array.from({ length: 20_000 }, () => draw.integer(10))
    const predicted = Array.from({ length: 20_000 }, () => draw.integer(10))
    expect(Math.abs(adjustedRandIndex(labels, predicted))).toBeLessThan(0.002)
    expect(normalizedMutualInformation(labels, predicted)).toBeLessThan(0.002)
  })
})

describe('normalizedMutualInformation', () => {
  it('is 0 where one side puts all samples together and the other does not', () => {
    expect(normalizedMutualInformation([0, 1, 2, 1], [5, 5, 5, 5])).toBe(0)
    expect(normalizedMutualInformation([5, 5, 5, 5], [5, 5, 5, 5])).toBe(1)
  })
})

describe('fowlkesMallows', () => {
  it('is 0 where no pair is together in both', () => {
    expect(fowlkesMallows([0, 0, 1, 1], [0, 1, 0, 1])).toBe(0)
  })
})

describe('hungarianAccuracy', () => {
  it('is the best accuracy over all namings', () => {
    const small = fc
      .integer({ min: 1, max: 20 })
      .chain((length) =>
        fc.tuple(
          fc.array(fc.nat(3), { minLength: length, maxLength: length }),
          fc.array(fc.nat(3), { minLength: length, maxLength: length }),
        ),
      )
    const namings = (left: readonly number[]): readonly (readonly number[])[] =>
      left.length === 0
        ? [[]]
        : left.flatMap((first) => namings(left.filter((other) => other !== first)).map((rest) => [first, ...rest]))
    fc.assert(
      fc.property(small, ([labels, predicted]) => {
        const hits = namings([0, 1, 2, 3]).map((name) => labels.filter((label, i) => name[predicted[i]!] === label).length)
        expect(hungarianAccuracy(labels, predicted)).toBeCloseTo(Math.max(...hits) / labels.length, 12)
      }),
    )
  })

  it('counts samples of surplus clusters as wrong', () => {
    expect(hungarianAccuracy([0, 0, 0, 1, 1], [0, 0, 1, 2, 2])).toBeCloseTo(0.8, 12)
  })

  it('takes fewer clusters than classes', () => {
    expect(hungarianAccuracy([0, 0, 1, 1, 2], [3, 3, 3, 9, 9])).toBeCloseTo(0.6, 12)
  })
})
