/** What differs between pipelines. */
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Json } from '../../../src/dsl/type'
import { differences, type Held, pipelineDifferences } from '../../../src/report/compare/differences'

const json: fc.Arbitrary<Json> = fc.letrec<{ value: Json }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3 },
    fc.constantFrom<Json>(null, true, 0, 1, 'a', 'b'),
    fc.array(tie('value'), { maxLength: 3 }),
    fc.dictionary(fc.constantFrom('a', 'b', 'c'), tie('value'), { maxKeys: 3, noNullPrototype: true }),
  ),
})).value

const held = (values: readonly Json[]) => differences(values, 'x')

test('equal values differ nowhere, and others somewhere', () => {
  fc.assert(
    fc.property(json, json, (a, b) => {
      expect(held([a, structuredClone(a)])).toEqual([])
      expect(held([a, b]).length > 0).toBe(JSON.stringify(sorted(a)) !== JSON.stringify(sorted(b)))
    }),
  )
})

const sorted = (value: Json): Json => {
  if (Array.isArray(value)) return value.map(sorted)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, inner]) => [key, sorted(inner)]),
  )
}

test('each place is told once, with a value of each run, and they are not all the same', () => {
  fc.assert(
    fc.property(fc.array(json, { minLength: 2, maxLength: 4 }), (values) => {
      const all = held(values)
      expect(new Set(all.map(({ path }) => path)).size).toBe(all.length)
      for (const one of all) {
        expect(one.values).toHaveLength(values.length)
        expect(new Set(one.values.map((value) => JSON.stringify(value))).size).toBeGreaterThan(1)
      }
    }),
  )
})

test('the order of the runs changes nothing but the order of the values', () => {
  fc.assert(
    fc.property(json, json, (a, b) => {
      const turned = held([b, a]).map(({ path, values }) => ({ path, values: values.toReversed() }))
      const byPath = (x: { path: string }, y: { path: string }) => (x.path < y.path ? -1 : 1)
      expect(turned.toSorted(byPath)).toEqual([...held([a, b])].sort(byPath))
    }),
  )
})

const plan = (...pipeline: readonly Json[]): { readonly name: Held; readonly pipeline: readonly Json[] } => ({
  name: 'x',
  pipeline,
})

test('parameters are told by their paths, an op in the place of another as a whole, a stage that is not there as nothing', () => {
  const vit = (depth: number): Json => ({ vit: { depth, width: 8 } })
  const masking = (mask: Json): Json => ({ masking: { mask } })
  expect(
    pipelineDifferences([
      plan(vit(1), masking({ block: { ratio: [0.1, 0.5] } }), { knn: { k: [10] } }),
      plan(vit(2), masking({ random: { ratio: [0.1, 0.5] } }), { knn: { k: [10] } }, { knn: { k: [20] } }),
    ]),
  ).toEqual([
    { path: 'vit.depth', values: [1, 2] },
    { path: 'masking.mask', values: [{ block: { ratio: [0.1, 0.5] } }, { random: { ratio: [0.1, 0.5] } }] },
    { path: 'knn.2', values: [undefined, { k: [20] }] },
  ])
})

test('lists of ops are compared one by one where they are as long, and so is the order of the stages', () => {
  const views = (times: number): Json => ({ views: { global: [{ times, augment: [] }] } })
  expect(pipelineDifferences([plan(views(2), 'emaTeacher'), plan('emaTeacher', views(3))])).toEqual([
    {
      path: 'pipeline',
      values: [
        ['views', 'emaTeacher'],
        ['emaTeacher', 'views'],
      ],
    },
    { path: 'views.global[0].times', values: [2, 3] },
  ])
})
