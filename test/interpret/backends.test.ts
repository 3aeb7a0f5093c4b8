import * as E from 'fp-ts/Either'
import { describe, expect, it } from 'vitest'
import { BACKENDS, type Backend } from '../../src/interpret/backend'
import { eager, useBackend } from '../../src/interpret/eager'
import type { InterpreterState } from '../../src/interpret/interpreter'
import { batchFor, type Small, small } from './small'

const STEPS = 3

/** A short run on one backend: what each step reports, and the state at its end. */
const run = async (backend: Backend, options: Small) => {
  expect(E.isRight(await useBackend(backend)())).toBe(true)
  const program = small(options, { gradientNorms: true })
  const interpreter = eager(program, program.init(3))
  const reports: Readonly<Record<string, number>>[] = []
  for (let step = 0; step < STEPS; step++) reports.push(await interpreter.step(batchFor(program, step), program.numbers(step)))
  const state = await interpreter.read()
  const images = batchFor(program, 'encode').global
  const encoded = await interpreter.encode(images, program.batch.global)
  interpreter.dispose()
  return { reports, state, encoded }
}

/**
 * A bias that a batch normalisation takes away again has no gradient but rounding noise, out of which AdamW makes whole
 * steps; the running mean follows it.
 */
const isNoise = (name: string): boolean => /backbone\.norm\.bias|head\.mlp\.(0|3)\.bias|running_mean/.test(name)

const largestGap = (a: InterpreterState, b: InterpreterState, counts: (name: string) => boolean = () => true): number =>
  Math.max(
    ...Object.entries(a)
      .filter(([name]) => counts(name))
      .map(([name, values]) => values.reduce((most, value, i) => Math.max(most, Math.abs(value - b[name]![i]!)), 0)),
  )

const OPTIONS: readonly (readonly [string, Small])[] = [
  ['a shared head and stochastic depth', { dropPath: 0.4 }],
  ['separate heads and dropout', { sharedHead: false, dropout: 0.2 }],
  ['batch normalisation in the head', { norm: 'batch' }],
  ['no masks and no loss on patches', { masked: false, dropPath: 0.4, norm: 'layer' }],
]

describe('a run on plain JavaScript and one on WebAssembly', () => {
  it.each(OPTIONS)('are the same with %s', async (_, options) => {
    const [wasm, cpu] = [await run(BACKENDS[0], options), await run(BACKENDS[1], options)]
    for (const [step, report] of cpu.reports.entries()) {
      expect(Object.keys(wasm.reports[step]!)).toEqual(Object.keys(report))
      for (const [name, value] of Object.entries(report))
        expect(Math.abs(wasm.reports[step]![name]! - value), `${name} of step ${step}`).toBeLessThan(
          1e-5 + 1e-4 * Math.abs(value),
        )
    }
    expect(Object.keys(wasm.state)).toEqual(Object.keys(cpu.state))
    const noisy = options.norm === 'batch'
    expect(largestGap(wasm.state, cpu.state, (name) => !noisy || !isNoise(name))).toBeLessThan(2e-5)
    if (!noisy) expect(largestGap({ tokens: wasm.encoded.values }, { tokens: cpu.encoded.values })).toBeLessThan(1e-4)
  })

  it('differ where draws differ', async () => {
    const [some, none] = [await run('cpu', { dropPath: 0.4 }), await run('cpu', {})]
    expect(largestGap(some.state, none.state)).toBeGreaterThan(1e-4)
  })
})
