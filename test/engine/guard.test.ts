/** A step whose numbers are non-finite leaves the state as it was. */
import { describe, expect, it } from 'vitest'
import { openInterpreter } from '../../src/engine/openInterpreter'
import { testEngine, withoutTensorFlow } from '../engine'
import { batchFor, small } from '../program/small'

const BACKENDS = ['cpu', 'wasm', 'tensorflow'] as const

describe.each(BACKENDS)('on %s', (backend) => {
  const skipped = backend === 'tensorflow' && withoutTensorFlow !== undefined
  const open = async (change: (state: Record<string, Float32Array>) => void = () => undefined) => {
    const program = small({ norm: 'batch' })
    const state = { ...program.init(2) }
    change(state)
    return { program, state, interpreter: await openInterpreter(await testEngine(backend), program, state) }
  }

  it.skipIf(skipped)(
    'a batch that holds no numbers changes nothing: weights, moments, teacher, centres, statistics',
    async () => {
      const { program, interpreter } = await open()
      await interpreter.step(batchFor(program, 0), program.numbers(1))
      const before = await interpreter.read()
      const batch = batchFor(program, 1)
      batch.global[7] = Number.NaN
      const report = await interpreter.step(batch, program.numbers(2))
      expect(report.loss).toBeNaN()
      expect(report.gradientNorm).toBeNaN()
      expect(await interpreter.read()).toEqual(before)
      // It goes on as if nothing had been.
      const { loss } = await interpreter.step(batchFor(program, 2), program.numbers(2))
      expect(Number.isFinite(loss)).toBe(true)
      expect((await interpreter.read())['ibot_loss.center']).not.toEqual(before['ibot_loss.center'])
      interpreter.dispose()
    },
  )

  it.skipIf(skipped)('a non-finite gradient beside a finite loss changes nothing either', async () => {
    // Logits of 1e30: the loss is a number, the squares of the gradients are too large to be ones.
    const { program, state, interpreter } = await open((state) => {
      state['student.head.last_layer.weight_g'] = new Float32Array(state['student.head.last_layer.weight_g']!.length).fill(1e30)
    })
    const report = await interpreter.step(batchFor(program, 0), program.numbers(1))
    expect(Number.isFinite(report.loss)).toBe(true)
    expect(report.gradientNorm).toBe(Number.POSITIVE_INFINITY)
    expect(await interpreter.read()).toEqual(state)
    interpreter.dispose()
  })
})
