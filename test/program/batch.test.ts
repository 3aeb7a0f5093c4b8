/** A batch is one tree: what is in its places can be changed, listed by names, and found again by them. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type Batch, batchBytes, batchOfNames, mapBatch, namedBatch } from '../../src/program/batch'
import { small } from './small'

const name = fc.oneof(fc.string(), fc.constantFrom('global.blocks.0.drop_path', 'local.0', 'mask', '0', '__proto__', 'a.b.'))
const batches = fc.record({
  global: fc.integer(),
  // More than ten: as texts, their numbers have another order.
  local: fc.array(fc.integer(), { maxLength: 12 }),
  mask: fc.option(fc.integer(), { nil: undefined }),
  draws: fc.dictionary(name, fc.integer()),
})

test('to change nothing changes nothing, and two changes are one', () =>
  fc.assert(
    fc.property(batches, fc.func(fc.string()), fc.func(fc.integer()), (batch, f, g) => {
      expect(mapBatch(batch, (value) => value)).toEqual(batch)
      expect(
        mapBatch(
          mapBatch(batch, (value) => f(value)),
          (value) => g(value),
        ),
      ).toEqual(mapBatch(batch, (value) => g(f(value))))
    }),
  ))

test('a batch is found again by the names of its places, in any order', () =>
  fc.assert(
    fc.property(batches, fc.infiniteStream(fc.integer()), (batch, keys) => {
      const named = namedBatch(batch)
      expect(batchOfNames(named)).toEqual(batch)
      const shuffled = Object.entries(named)
        .map((entry) => [keys.next().value, entry] as const)
        .sort(([a], [b]) => a - b)
        .map(([, entry]) => entry)
      expect(batchOfNames(Object.fromEntries(shuffled))).toEqual(batch)
    }),
  ))

test('each place has a name of its own, the one that a change is told, in the same order', () =>
  fc.assert(
    fc.property(batches, (batch) => {
      const told: string[] = []
      const names = mapBatch(batch, (_, one) => {
        told.push(one)
        return one
      })
      expect(Object.keys(namedBatch(batch))).toEqual(told)
      expect(namedBatch(names)).toEqual(Object.fromEntries(told.map((one) => [one, one])))
      expect(new Set(told).size).toBe(
        1 + batch.local.length + (batch.mask === undefined ? 0 : 1) + Object.keys(batch.draws).length,
      )
    }),
  ))

test('names in which a place is lacking are those of no batch', () => {
  expect(batchOfNames({ 'local.0': 1 })).toBeUndefined()
  expect(batchOfNames({ global: 0, 'local.1': 1 })).toBeUndefined()
  expect(batchOfNames({ global: 0, 'local.first': 1 })).toBeUndefined()
  expect(batchOfNames({ global: 0 })).toEqual({ global: 0, local: [], mask: undefined, draws: {} } satisfies Batch<number>)
})

test("a program's batch: its names, and four bytes for each number in it", () => {
  const { batch } = small({ dropPath: 0.5 })
  expect(Object.keys(namedBatch(batch))).toEqual([
    'global',
    'local.0',
    'local.1',
    'mask',
    ...['global', 'local.0', 'local.1'].flatMap((view) =>
      ['attn', 'mlp'].map((branch) => `draws.${view}.blocks.1.${branch}.drop_path.path`),
    ),
  ])
  expect(batchBytes(batch)).toBe(4 * (4 * 12 * 12 * 3 + 4 * 8 * 8 * 3 + 2 * 4 * 4 * 3 + 4 * 9 + 2 * (4 + 4 + 2)))
})
