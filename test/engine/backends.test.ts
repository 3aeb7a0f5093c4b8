import { describe, expect, it } from 'vitest'
import type { Backend } from '../../src/engine/backends'
import type { InterpreterState } from '../../src/engine/interpreter'
import { TABLE, testEngine, tokensOf } from '../engine'
import { determined, gradientNoise, largestGap, movedBias, noiseOf } from '../program/invariance'
import { batchFor, type Small, small } from '../program/small'

const STEPS = 5

/** A short run on one backend: what each step reports, and the state at its end. */
const run = async (backend: Backend, options: Small) => {
  const engine = await testEngine(backend)
  const program = small(options, { gradientNorms: true })
  const interpreter = await engine.open(program, program.init(3))
  const reports: Readonly<Record<string, number>>[] = []
  for (let step = 0; step < STEPS; step++) reports.push(await interpreter.step(batchFor(program, step), program.numbers(step)))
  const state = await interpreter.read()
  const images = batchFor(program, 'encode').global
  const encoded = await tokensOf(interpreter, program, images, program.batch.global)
  interpreter.dispose()
  return { reports, state, encoded }
}

const OPTIONS: readonly (readonly [string, Small])[] = [
  ['a shared head and stochastic depth', { dropPath: 0.4 }],
  ['separate heads, registers and dropout', { sharedHead: false, registers: 2, dropout: 0.2 }],
  ['batch normalisation in the head', { norm: 'batch' }],
  ['a Swin transformer and SGD', { swin: true, dropPath: 0.4, optimizer: 'sgd', lr: 0.02 }],
  ['pixels as targets', { pixels: true, dropPath: 0.4 }],
  ['pixels as targets and no teacher', { pixels: true, teacher: false, dropPath: 0.4 }],
  ['no masks, no loss on patches and LARS', { masked: false, dropPath: 0.4, norm: 'layer', optimizer: 'lars', lr: 0.5 }],
]

const OTHERS = TABLE.filter(({ backend }) => backend !== 'cpu')

describe.each(OTHERS)('a run on $backend and one in plain JavaScript', ({ backend, skipped, isSlow }) => {
  it.skipIf(skipped).each(isSlow ? OPTIONS.slice(2, 5) : OPTIONS)('are the same with %s', async (_, options) => {
    const [fast, plain] = [await run(backend, options), await run('cpu', options)]
    for (const [step, report] of plain.reports.entries()) {
      expect(Object.keys(fast.reports[step]!)).toEqual(Object.keys(report))
      for (const [name, value] of Object.entries(report))
        expect(Math.abs(fast.reports[step]![name]! - value), `${name} of step ${step}`).toBeLessThan(
          1e-5 + 1e-4 * Math.abs(value),
        )
    }
    expect(Object.keys(fast.state)).toEqual(Object.keys(plain.state))
    const batchNorm = options.norm === 'batch'
    expect(largestGap(determined(fast.state, batchNorm), determined(plain.state, batchNorm))).toBeLessThan(2e-5)
    for (const { state } of [fast, plain]) expect(gradientNoise(state, batchNorm)).toBeLessThan(noiseOf(batchNorm))
    if (!batchNorm) expect(largestGap({ tokens: fast.encoded.values }, { tokens: plain.encoded.values })).toBeLessThan(1e-4)
  })
})

describe.each(TABLE.filter(({ isSlow }) => !isSlow))('on $backend', ({ backend, skipped }) => {
  it.skipIf(skipped).each([
    ['a vision transformer', {}],
    ['a vision transformer with dropout of the attention', { dropout: 0.2, registers: 2 }],
    ['a Swin transformer', { swin: true }],
  ] as const)('the bias of the keys changes nothing that %s gives, those of queries and values do', async (_, options) => {
    const engine = await testEngine(backend)
    const program = small(options)
    const given = async (state: InterpreterState) => {
      const interpreter = await engine.open(program, state)
      const { values } = await tokensOf(interpreter, program, batchFor(program, 'encode').global, program.batch.global)
      const { loss } = await interpreter.step(batchFor(program, 0), program.numbers(0))
      interpreter.dispose()
      return { tokens: values, loss: Float32Array.of(loss!) }
    }
    const state = movedBias(program.init(3), 'query', 0.5)
    const as = await given(state)
    expect(largestGap(await given(movedBias(state, 'key', 2)), as)).toBeLessThan(2e-5)
    for (const third of ['query', 'value'] as const)
      expect(largestGap(await given(movedBias(state, third, 2)), as)).toBeGreaterThan(1e-3)
  })
})

describe('two runs', () => {
  it('differ where draws differ', async () => {
    const [some, none] = [await run('cpu', { dropPath: 0.4 }), await run('cpu', {})]
    expect(largestGap(some.state, none.state)).toBeGreaterThan(1e-4)
  })
})
