/** Products of matrices in bfloat16: near to float32, and no more than products. */
import { describe, expect, it } from 'vitest'
import type { Backend } from '../../src/engine/backends'
import { kindOf } from '../../src/engine/engines'
import { TABLE, testEngine } from '../engine'
import { batchFor, small } from '../program/small'

const run = async (backend: Backend, precision: 'float32' | 'bfloat16') => {
  const program = small({ dropPath: 0.4, precision })
  const interpreter = await (await testEngine(backend)).open(program, program.init(1))
  const reports: Readonly<Record<string, number>>[] = []
  for (let step = 0; step < 3; step++) reports.push(await interpreter.step(batchFor(program, step), program.numbers(step)))
  const state = await interpreter.read()
  interpreter.dispose()
  return { reports, state }
}

const ABLE = TABLE.filter(({ backend }) => kindOf(backend).precisions.includes('bfloat16'))

describe.each(ABLE)('a run in bfloat16 on $backend', ({ backend, skipped }) => {
  it.skipIf(skipped)('is near to the run in float32, but not the same', async () => {
    const [exact, rough] = [await run(backend, 'float32'), await run(backend, 'bfloat16')]
    const first = (of: typeof exact) => of.reports[0]!.loss!
    expect(first(rough)).not.toBe(first(exact))
    // bfloat16 has 8 bits: 0.4 % a number, and sharpened targets make it more.
    expect(Math.abs(first(rough) / first(exact) - 1)).toBeLessThan(0.05)
    for (const [name, values] of Object.entries(exact.state)) {
      const gap = values.reduce((most, value, i) => Math.max(most, Math.abs(value - rough.state[name]![i]!)), 0)
      expect(Number.isFinite(gap), name).toBe(true)
    }
    // Weights stay float32: a step of 1e-3 would be lost in bfloat16.
    const weight = rough.state['student.backbone.norm.weight']!
    expect(weight.some((value) => value !== 1 && Math.abs(value - 1) < 0.0039)).toBe(true)
  })
})
