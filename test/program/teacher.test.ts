import * as tf from '@tensorflow/tfjs-core'
import fc from 'fast-check'
import { beforeAll, describe, expect, it } from 'vitest'
import { eager } from '../../src/engine/eager/eager'
import { useBackend } from '../../src/engine/eager/use'
import type { HostBatch, InterpreterState } from '../../src/engine/interpreter'
import type { Program } from '../../src/program/program'
import { batchFor, type Small, small } from './small'

beforeAll(async () => {
  await useBackend('wasm')()
})

/** What both networks have: names below `student.` and `teacher.`; running statistics are each network's own. */
const common = (program: Program): readonly string[] =>
  Object.keys(program.state).flatMap((full) => {
    const name = full.replace(/^teacher\./, '')
    return name !== full && `student.${name}` in program.state && !/running_|num_batches/.test(name) ? [name] : []
  })

const step = async (options: Small, seed: number) => {
  const program = small(options)
  const before = program.init(seed)
  const interpreter = eager('wasm', program, before)
  await interpreter.step(batchFor(program, seed), program.numbers(0))
  const after = await interpreter.read()
  interpreter.dispose()
  return { program, before, after }
}

const taught = (program: Program, state: InterpreterState, host: HostBatch): readonly number[] =>
  tf.tidy(() => {
    const { outputs } = program.teach!(
      Object.fromEntries(Object.entries(program.state).map(([name, { shape }]) => [name, tf.tensor(state[name]!, [...shape])])),
      {
        global: tf.tensor4d(host.global, [...program.batch.global]),
        local: host.local.map((values, i) => tf.tensor4d(values, [...program.batch.local[i]!])),
        mask: tf.tensor2d(host.mask!, [...program.batch.mask!]),
        rows: undefined,
        draws: {},
      },
    )
    return [...outputs.cls.dataSync(), ...outputs.patch().all().dataSync()]
  })

const seeds = fc.integer({ min: 0, max: 1e6 })
const options = fc.record({ norm: fc.constantFrom('none', 'batch', 'layer'), sharedHead: fc.boolean() })
const few = { numRuns: 6 }

describe('the teacher', () => {
  it('stays as it is with momentum 1', () =>
    fc.assert(
      fc.asyncProperty(seeds, options, async (seed, small) => {
        const { program, before, after } = await step({ ...small, momentum: 1 }, seed)
        for (const name of common(program)) expect(after[`teacher.${name}`]).toEqual(before[`teacher.${name}`])
      }),
      few,
    ))

  it("is the student's copy with momentum 0, as it is after the optimizer's step", () =>
    fc.assert(
      fc.asyncProperty(seeds, options, async (seed, small) => {
        const { program, before, after } = await step({ ...small, momentum: 0 }, seed)
        for (const name of common(program)) expect(after[`teacher.${name}`]).toEqual(after[`student.${name}`])
        expect(after['student.backbone.pos_embed']).not.toEqual(before['student.backbone.pos_embed'])
      }),
      few,
    ))

  it('moves towards the new student and by nothing else: no gradient reaches it', () =>
    fc.assert(
      fc.asyncProperty(seeds, options, fc.double({ min: 0, max: 1, noNaN: true }), async (seed, small, momentum) => {
        const { program, before, after } = await step({ ...small, momentum, lr: 0.01 }, seed)
        expect(program.trainable.some((name) => name.startsWith('teacher'))).toBe(false)
        for (const name of common(program)) {
          const old = before[`teacher.${name}`]!
          const student = after[`student.${name}`]!
          for (const [i, value] of after[`teacher.${name}`]!.entries())
            expect(Math.abs(value - (momentum * old[i]! + (1 - momentum) * student[i]!))).toBeLessThan(1e-6)
        }
      }),
      few,
    ))

  it('starts equal to the student, in memory of its own', () =>
    fc.assert(
      fc.property(seeds, options, (seed, options) => {
        const program = small(options)
        const state = program.init(seed)
        for (const name of common(program)) {
          expect(state[`teacher.${name}`]).toEqual(state[`student.${name}`])
          expect(state[`teacher.${name}`]!.buffer).not.toBe(state[`student.${name}`]!.buffer)
        }
      }),
      few,
    ))

  it('sees the global views only, and nothing of them hidden', () =>
    fc.assert(
      fc.property(seeds, seeds, (seed, other) => {
        const program = small()
        const state = program.init(seed)
        const [one, another] = [batchFor(program, seed), batchFor(program, other)]
        const logits = taught(program, state, one)
        expect(taught(program, state, { ...another, global: one.global })).toEqual(logits)
        expect(taught(program, state, { ...one, mask: one.mask!.map((on) => 1 - on) })).toEqual(logits)
        const { pictures, views, grid } = program.batch
        expect(logits.length).toBe(pictures * views * (10 + 10 * grid.height * grid.width))
      }),
      few,
    ))

  it('has neither stochastic depth nor dropout', () => {
    const program = small({ dropPath: 0.5, dropout: 0.5 })
    const batch = batchFor(program, 0)
    const state = program.init(0)
    expect(Object.keys(program.batch.draws).length).toBeGreaterThan(0)
    // It is given no draws, and asks for none.
    expect(taught(program, state, batch).every(Number.isFinite)).toBe(true)
  })
})
