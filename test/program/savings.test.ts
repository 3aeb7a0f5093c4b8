/** What is computed only where it is used gives what the dense form gives: losses, gradients, centres, weights. */
import { describe, expect, it } from 'vitest'
import type { Dense } from '../../src/program/passes'
import { testEngine } from '../engine'
import { determined, gradientNoise, noiseOf } from './invariance'
import { batchFor, type Small, small } from './small'

const STEPS = 4

const run = async (options: Small, dense: Dense) => {
  const program = small(options, { gradientNorms: true, dense })
  const interpreter = await (await testEngine('cpu')).open(program, program.init(5))
  const reports: Readonly<Record<string, number>>[] = []
  for (let step = 0; step < STEPS; step++) reports.push(await interpreter.step(batchFor(program, step), program.numbers(step)))
  const state = await interpreter.read()
  interpreter.dispose()
  return { reports, state }
}

const FORMS: readonly (readonly [string, Dense])[] = [
  ['logits of all patches', { logits: true }],
  ['the centre from all logits', { mean: true }],
  ['all of the last block', { lastBlock: true }],
  ['all of these', { logits: true, mean: true, lastBlock: true }],
]
const PIPELINES: readonly (readonly [string, Small])[] = [
  ['stochastic depth, registers and dropout', { dropPath: 0.4, registers: 2, dropout: 0.2 }],
  ['separate heads with layer normalisation', { sharedHead: false, norm: 'layer' }],
  ['batch normalisation in the head', { norm: 'batch' }],
  ['a Swin transformer', { swin: true, dropPath: 0.4 }],
  ['pixels as targets', { pixels: true, dropPath: 0.4 }],
  ['pixels as targets and no teacher', { pixels: true, teacher: false, dropPath: 0.4 }],
  ['no loss on patches', { masked: false, dropPath: 0.4 }],
]

describe.each(PIPELINES)('with %s', (_, options) => {
  it.each(FORMS)('a run is the same with %s', async (_, dense) => {
    const [sparing, whole] = [await run(options, {}), await run(options, dense)]
    for (const [step, report] of whole.reports.entries()) {
      expect(Object.keys(sparing.reports[step]!)).toEqual(Object.keys(report))
      for (const [name, value] of Object.entries(report))
        expect(Math.abs(sparing.reports[step]![name]! - value), `${name} of step ${step}`).toBeLessThan(
          1e-5 + 1e-4 * Math.abs(value),
        )
    }
    expect(Object.keys(sparing.state)).toEqual(Object.keys(whole.state))
    const batchNorm = options.norm === 'batch'
    const found = determined(sparing.state, batchNorm)
    for (const [name, values] of Object.entries(determined(whole.state, batchNorm))) {
      const gap = values.reduce((most, value, i) => Math.max(most, Math.abs(value - found[name]![i]!)), 0)
      expect(gap, name).toBeLessThan(2e-5)
    }
    for (const { state } of [sparing, whole]) expect(gradientNoise(state, batchNorm)).toBeLessThan(noiseOf(batchNorm))
  })
})
