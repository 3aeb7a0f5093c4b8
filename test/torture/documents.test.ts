/** No document breaks the reading of it; `npm run torture -- --documents N` tries more of them. */
import fc from 'fast-check'
import * as E from 'fp-ts/Either'
import { expect, test } from 'vitest'
import { readPlan } from '../../src/dsl/read'
import { registry } from '../../src/ops/registry'
import { damaged, faultOf } from './documents'

test('a damaged document is read, or refused with places, soon and without a crash', () => {
  fc.assert(
    fc.property(damaged, (text) => {
      expect(faultOf(text)).toBeUndefined()
    }),
    { numRuns: 600, seed: 1 },
  )
})

test.each([
  ['code in a tag', 'name: !!js/function "function () { process.exit() }"'],
  [
    'aliases of aliases',
    Array.from({ length: 30 }, (_, i) => `a${i}: &a${i} [${i === 0 ? 1 : `*a${i - 1}, *a${i - 1}`}]`).join('\n'),
  ],
  ['an alias inside of what it stands for', 'name: &a [*a]'],
  ['lists in lists', `name: ${'['.repeat(30_000)}`],
  ['a name that leads out of the folder', 'name: ../../etc'],
  ['__proto__ as a stage', 'name: x\npipeline: [__proto__: { polluted: 1 }]'],
  ['constructor as a parameter', 'name: x\npipeline: [vit: { constructor: { prototype: 1 } }]'],
  ['a mapping in a mapping on one line, on and on', 'a: '.repeat(10_000)],
  ['a number without end', `name: x\npipeline: [train: { steps: ${'9'.repeat(30_000)} }]`],
])('%s is refused with its place', (_, text) => {
  expect(faultOf(text)).toBeUndefined()
  expect(E.isLeft(readPlan(registry, 'malice.yaml', text))).toBe(true)
})
