/** Logistic regression: the optima that scikit-learn finds (logisticRegression.py), on every engine, and the choice of C. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { random } from '../../src/base/random'
import type { Features } from '../../src/ops/probe/kind'
import { type Chosen, chosenFit, heldOut, type LogisticChoice } from '../../src/ops/probe/logisticChoice'
import { classifiersOf, logisticFits, scalingOf } from '../../src/ops/probe/logisticFits'
import { TABLE, testEngine } from '../engine'

interface Rows {
  readonly values: readonly (readonly number[])[]
  readonly labels: readonly number[]
}
interface Case {
  readonly name: string
  readonly standardize: boolean
  readonly train: Rows
  readonly test: Rows
  readonly fits: readonly {
    readonly C: number
    readonly value: number
    readonly accuracy: number
    readonly probabilities: readonly (readonly number[])[]
  }[]
}
const { cases } = JSON.parse(readFileSync(join(__dirname, 'logisticRegression.json'), 'utf8')) as {
  readonly cases: readonly Case[]
}

const featuresOf = ({ values, labels }: Rows): Features => ({
  values: Float32Array.from(values.flat()),
  width: values[0]!.length,
  labels: Uint32Array.from(labels),
  classes: ['a', 'b', 'c', 'd', 'e'],
})

const OPTIONS = { iterations: 1000, tolerance: 1e-4 } as const
const choice = (more: Partial<LogisticChoice> = {}): LogisticChoice => ({
  ...OPTIONS,
  strengths: [0.01, 1, 100],
  standardize: false,
  ...more,
})

/** Share of the test pictures that are told right. */
const rightIn = (chosen: Chosen | undefined): number => chosen!.ranks.filter((rank) => rank === 0).length / chosen!.ranks.length

/** Likelihoods of the classes for each row. */
const probabilities = ({ values, width, labels }: Features, { weights, bias }: { weights: Float32Array; bias: Float32Array }) =>
  Array.from(labels, (_, row) => {
    const logits = Array.from(bias, (b, c) => {
      let sum = b
      for (let i = 0; i < width; i++) sum += values[row * width + i]! * weights[i * bias.length + c]!
      return sum
    })
    const all = logits.reduce((sum, logit) => sum + Math.exp(logit), 0)
    return logits.map((logit) => Math.exp(logit) / all)
  })

describe.each(TABLE)('on $backend', ({ backend, skipped }) => {
  it.skipIf(skipped).each(cases)(
    'the optimum for each C is that of scikit-learn: $name',
    async ({ standardize, train, test, fits }) => {
      const [rows, queries] = [featuresOf(train), featuresOf(test)]
      const { prepare } = await testEngine(backend)
      const scaling = scalingOf(rows, standardize)
      const starts = fits.map(({ C }) => ({ C, point: new Float64Array((rows.width + 1) * 5) }))
      const found = await logisticFits({ prepare }, rows, 5, scaling, OPTIONS).fit(
        starts,
        new Float32Array(rows.labels.length).fill(1),
      )
      for (const [i, { value, C, accuracy, probabilities: wanted }] of fits.entries()) {
        expect(found[i]!.C).toBe(C)
        expect(found[i]!.converged).toBe(true)
        expect(Math.abs(found[i]!.value - value)).toBeLessThan(1e-4)
        const got = probabilities(queries, classifiersOf([found[i]!.point], scaling, 5, 1))
        const right = got.filter((row, q) => row.indexOf(Math.max(...row)) === queries.labels[q]).length
        // A picture may lie between two classes.
        expect(Math.abs(right - accuracy * got.length)).toBeLessThan(1.5)
        if (C <= 1)
          for (const [q, row] of got.entries())
            for (const [c, p] of row.entries()) expect(Math.abs(p - wanted[q]![c]!)).toBeLessThan(0.01)
      }
    },
  )
})

describe('the choice of C', () => {
  const tools = async (seed = 0) => ({ prepare: (await testEngine('cpu')).prepare, seed })
  const [{ train, test }] = cases as readonly [Case]
  const [rows, queries] = [featuresOf(train), featuresOf(test)]
  /** Some of the rows. */
  const some = ({ values, width, labels, classes }: Features, which: (label: number, row: number) => boolean): Features => {
    const kept = [...labels.keys()].filter((row) => which(labels[row]!, row))
    return {
      values: Float32Array.from(kept.flatMap((row) => [...values.subarray(row * width, (row + 1) * width)])),
      width,
      labels: Uint32Array.from(kept, (row) => labels[row]!),
      classes,
    }
  }

  it('ends with the fit of the chosen C to all pictures', async () => {
    const chosen = await chosenFit(rows, queries, choice(), await tools())
    const [alone] = [await chosenFit(rows, queries, choice({ strengths: [chosen!.fit!.C] }), await tools())]
    expect(alone!.fit!.value).toBeCloseTo(chosen!.fit!.value, 4)
    expect(rightIn(chosen)).toBeGreaterThan(0.5)
    expect(Math.max(...chosen!.ranks)).toBeLessThan(5)
    expect(await chosenFit(rows, queries, choice(), await tools())).toEqual(chosen)
  })

  it('takes the strongest penalty of those that are as good', async () => {
    // Far apart: every C tells them right.
    const draw = random('far')
    const values = Float32Array.from({ length: 60 }, (_, i) => (i % 2 === 0 ? 100 : -100) + draw.normal())
    const far = { values, width: 1, labels: Uint32Array.from(values, (_, i) => i % 2), classes: ['a', 'b'] }
    expect((await chosenFit(far, far, choice(), await tools()))!).toMatchObject({ ranks: new Float32Array(60), fit: { C: 0.01 } })
  })

  it.each([
    ['a class that no picture of the training has', some(rows, (label) => label < 3), queries, 0.6],
    ['pictures of one class only', some(rows, (label) => label === 2), queries, 0.2],
    ['one picture a class', some(rows, (_, row) => row < 5), queries, 1],
    ['test pictures of no class that was learnt', some(rows, (label) => label < 3), some(queries, (label) => label >= 3), 0],
  ] as const)('with %s gives what can be told', async (_, learnt, tested, most) => {
    const chosen = await chosenFit(learnt, tested, choice(), await tools())
    expect(rightIn(chosen)).toBeLessThanOrEqual(most)
    expect(rightIn(chosen)).toBeGreaterThanOrEqual(most === 0 ? 0 : 0.1)
  })

  it('tells nothing where no picture could be read', async () => {
    expect(
      await chosenFit(
        some(rows, () => false),
        queries,
        choice(),
        await tools(),
      ),
    ).toBeUndefined()
    expect(
      await chosenFit(
        rows,
        some(queries, () => false),
        choice(),
        await tools(),
      ),
    ).toBeUndefined()
  })

  it('holds out about a tenth, drawn by the seed, and leaves something of each class', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 6 }), { minLength: 1, maxLength: 300 }), fc.nat(), (all, seed) => {
        const labels = Uint32Array.from(all)
        const held = heldOut(labels, seed)
        const left = all.filter((_, row) => !held.includes(row))
        expect(new Set(held).size).toBe(held.length)
        expect(new Set(left)).toEqual(new Set(all))
        expect(held.length).toBeLessThanOrEqual(all.length / 10)
        expect(held.length).toBeGreaterThanOrEqual(Math.floor(all.length / 10) - 7)
        expect(heldOut(labels, seed)).toEqual(held)
      }),
    )
  })
})
