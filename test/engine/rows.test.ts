/** On XLA a step computes the outputs of a few more tokens than are used: they count nothing. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it, test } from 'vitest'
import { compiled } from '../../src/engine/xla/compiled'
import { filledUp, roundedRows } from '../../src/engine/xla/rows'
import { testEngine } from '../engine'
import { determined } from '../program/invariance'
import { batchFor, small } from '../program/small'
import { testClient, withoutPlugin } from '../xla/plugin'

test('the number of rows is rounded up to an eighth of the tokens, and is all of them where that is little', () => {
  expect(roundedRows(1, 8000)).toBe(1000)
  expect(roundedRows(1000, 8000)).toBe(1000)
  expect(roundedRows(1001, 8000)).toBe(2000)
  expect(roundedRows(7001, 8000)).toBe('all')
  expect(roundedRows(8000, 8000)).toBe('all')
  expect(roundedRows(1, 4095)).toBe('all')
  expect(filledUp(Int32Array.of(0, 5, 7), 5)).toEqual(Int32Array.of(0, 5, 7, 0, 0))
  expect(filledUp(Int32Array.of(0, 5, 7), 3)).toEqual(Int32Array.of(0, 5, 7))
})

it.skipIf(withoutPlugin)('what is learnt is the same, whatever is filled up', async () => {
  const cache = mkdtempSync(join(tmpdir(), 'ibot-rows-'))
  const client = await testClient(1)
  const program = small({ dropPath: 0.4 })
  const some = await compiled({ client, cache, notify: () => undefined }, program, program.init(3), { worth: 0 })
  const plain = await (await testEngine('cpu')).open(program, program.init(3))
  const lengths = new Set<number>()
  for (let step = 0; step < 4; step++) {
    const batch = batchFor(program, step)
    lengths.add(program.rows(batch.mask)!.length)
    const [report, expected] = [await some.step(batch, program.numbers(step)), await plain.step(batch, program.numbers(step))]
    for (const [name, value] of Object.entries(expected))
      expect(Math.abs(report[name]! - value), `${name} of step ${step}`).toBeLessThan(1e-5 + 1e-4 * Math.abs(value))
    expect(some.features().length).toBe(plain.features().length)
  }
  expect(lengths.size).toBeGreaterThan(1)
  const [a, b] = [determined(await some.read(), false), determined(await plain.read(), false)]
  for (const [name, values] of Object.entries(b))
    values.forEach((value, i) => void expect(Math.abs(a[name]![i]! - value), name).toBeLessThan(2e-5))
  some.dispose()
  plain.dispose()
  client.dispose()
  rmSync(cache, { recursive: true })
})
