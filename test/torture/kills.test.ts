/** A run can be killed at any moment and gone on with; `npm run torture -- --kills N` does it more often. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Backend } from '../../src/engine/backends'
import { withoutTensorFlow } from '../engine'
import { torture } from './kills'

let root = ''
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'ibot-kills-'))
})
afterAll(() => rmSync(root, { recursive: true }))

const survives = async (backend: Backend, kills: number) => {
  const { ends, unbroken, ...counts } = await torture({ root: join(root, backend), backend, kills, seed: 0 })
  expect(counts.kills).toBe(kills)
  expect(counts.inFiles).toBeGreaterThan(kills / 3)
  expect(new Set(ends)).toEqual(new Set([unbroken]))
}

test.concurrent(
  'a run op by op, killed 15 times, ends with the same tensors, metrics and files as the unbroken one',
  () => survives('cpu', 15),
  300_000,
)

test
  .skipIf(withoutTensorFlow !== undefined)
  .concurrent('so does a run as one graph, killed 6 times', () => survives('tensorflow', 6), 300_000)
