/** The shipped pipelines, made small: XLA has a program for the step of each. */
import { expect, test } from 'vitest'
import { rowCount } from '../../src/engine/record/step'
import { stepProgram } from '../../src/engine/xla/stepProgram'
import { lowered } from '../../src/xla/stablehlo/lowered'
import { testEngine } from '../engine'
import { batchFor } from '../program/small'
import { madeSmall, NAMES } from '../project/madeSmall'
import { withoutPlugin } from './plugin'

test.each(NAMES)('%s is written as StableHLO, for one device and for two', (name) => {
  const program = madeSmall(name)
  const usual = rowCount(program) ?? 'all'
  for (const devices of [1, 2]) {
    // Of a varying number one device computes a rounded one, several all.
    const { xla } = stepProgram(program, usual === 'varies' ? (devices === 1 ? 16 : 'all') : usual, devices)
    const text = lowered(xla)
    // All results but the metrics and the features take the place of the state.
    expect(text.match(/tf.aliasing_output/g)).toHaveLength(xla.results.length - 2)
    expect(text.includes('devices=[2')).toBe(devices === 2)
  }
})

test.skipIf(withoutPlugin).each(['fashion-mnist', 'eval/fine-tuning-fashion-mnist'])(
  '%s takes steps on XLA, made small',
  async (name) => {
    const program = madeSmall(name)
    const interpreter = await (await testEngine('xla')).open(program, program.init(0))
    const before = await interpreter.read()
    for (const step of [1, 2]) {
      const metrics = await interpreter.step(batchFor(program, name, step), { ...program.numbers(step), 'adamw.lr': 1e-3 })
      expect(Number.isFinite(metrics.loss)).toBe(true)
    }
    const after = await interpreter.read()
    interpreter.dispose()
    const moved = Object.keys(after).filter((weight) => after[weight]!.join() !== before[weight]!.join())
    expect(moved.filter((weight) => weight.startsWith('student.')).length).toBeGreaterThan(20)
  },
  120_000,
)
