/** What every engine promises, of itself and of the interpreters that it opens: a new one is held to it by its line in `ENGINES`. */
import * as tf from '@tensorflow/tfjs-core'
import { describe, expect, it } from 'vitest'
import { random } from '../../src/base/random'
import { BACKENDS } from '../../src/engine/backends'
import { evaluate } from '../../src/engine/computer'
import { ENGINES } from '../../src/engine/engines'
import { TABLE, testEngine, tokensOf } from '../engine'
import { batchFor, type Small, small } from '../program/small'

const OPTIONS: readonly Small[] = [
  { dropPath: 0.4 },
  { norm: 'batch', sharedHead: false },
  { masked: false },
  { pixels: true, teacher: false },
]

describe('the engines', () => {
  it('have names of their own, and send elsewhere to one that comes later', () => {
    expect(new Set(BACKENDS).size).toBe(ENGINES.length)
    for (const [i, { elsewhere }] of ENGINES.entries())
      if (elsewhere !== undefined) expect(BACKENDS.slice(i + 1)).toContain(elsewhere)
  })

  it('tell an error that one of them threw from a mistake of ours', () => {
    for (const { breakageOf } of ENGINES) expect(breakageOf(new TypeError('x is not a function'))).toBeUndefined()
  })
})

describe.each(TABLE)('on $backend', ({ backend, skipped, isSlow }) => {
  const open = async (options: Small = {}, change: (state: Record<string, Float32Array>) => void = () => undefined) => {
    const engine = await testEngine(backend)
    const program = small(options, { gradientNorms: true })
    const state = { ...program.init(2) }
    change(state)
    return { engine, program, state, interpreter: await engine.open(program, state) }
  }

  it.skipIf(skipped)('it can do, once it is open, what was said before', async () => {
    const kind = ENGINES.find(({ name }) => name === backend)!
    const engine = await testEngine(backend)
    const { name, title, precisions, gpuRemedy, addressable, compiles, elsewhere } = kind
    expect(engine).toMatchObject({ name, title, precisions, gpuRemedy, addressable, compiles, elsewhere })
    expect(engine.library !== undefined).toBe(kind.library !== undefined)
    expect(engine.replay !== undefined).toBe(kind.replayer !== undefined)
    expect(engine.devices().map(({ type }) => type)).toContain('CPU')
  })

  it.skipIf(skipped)('an opened engine stays what it is, whatever else is opened', async () => {
    const alone = await open({ dropPath: 0.4 })
    const expected: Readonly<Record<string, number>>[] = []
    for (let step = 0; step < 3; step++)
      expected.push(await alone.interpreter.step(batchFor(alone.program, step), alone.program.numbers(step)))
    alone.interpreter.dispose()
    const { program, interpreter } = await open({ dropPath: 0.4 })
    const other = await testEngine(backend === 'cpu' ? 'wasm' : 'cpu')
    const besides = await other.open(program, program.init(5))
    for (let step = 0; step < 3; step++) {
      await besides.step(batchFor(program, step), program.numbers(step))
      expect(await interpreter.step(batchFor(program, step), program.numbers(step))).toEqual(expected[step])
    }
    interpreter.dispose()
    besides.dispose()
  })

  it.skipIf(skipped)('functions of tensors are computed by name', async () => {
    const engine = await testEngine(backend)
    const shape = [2, 2] as const
    const given = { a: { values: Float32Array.of(1, 2, 3, 4), shape }, b: { values: Float32Array.of(0, 1, 1, 0), shape } }
    const before = tf.memory().numTensors
    const { product, twice } = await evaluate(
      engine,
      (input) => ({ product: tf.matMul(input('a'), input('b')), twice: tf.add(input('a'), input('a')) }),
      given,
    )
    expect(product).toEqual({ values: Float32Array.of(2, 1, 4, 3), shape: [2, 2] })
    expect(twice).toEqual({ values: Float32Array.of(2, 4, 6, 8), shape: [2, 2] })
    expect(tf.memory().numTensors).toBe(before)
    await expect(evaluate(engine, (input) => ({ none: input('c') }), given)).rejects.toThrow('no input c')
  })

  it.skipIf(skipped)(
    'what an interpreter prepares alone computes with what it holds, while steps go on, and is gone with it',
    async () => {
      const { program, interpreter } = await open()
      const before = tf.memory().numTensors
      for (const factor of [2, 3]) {
        const held = { factor: { values: Float32Array.of(factor), shape: [1] } }
        const { run, dispose } = interpreter.prepare((input) => ({ product: tf.mul(input('x'), input('factor')) }), held, {
          alone: true,
        })
        const [{ product }] = await Promise.all([
          run({ x: { values: Float32Array.of(1, 2), shape: [2] } }),
          interpreter.step(batchFor(program, 0), program.numbers(5)),
        ])
        expect(product!.values).toEqual(Float32Array.of(factor, 2 * factor))
        dispose()
      }
      expect(tf.memory().numTensors).toBe(before)
      interpreter.dispose()
    },
  )

  it.skipIf(skipped)(
    'a prepared function runs for inputs of any shape, with what it holds and the state of the moment',
    async () => {
      const { engine, program, interpreter } = await open()
      const held = { factor: { values: Float32Array.of(2), shape: [1] } }
      const name = 'student.backbone.cls_token'
      const before = tf.memory().numTensors
      const alone = engine.prepare((input) => ({ product: tf.mul(input('x'), input('factor')), factor: input('factor') }), held)
      const inside = interpreter.prepare(
        (input) => ({ sum: tf.sum(tf.mul(input(name), input('factor'))), state: input(name) }),
        held,
      )
      held.factor.values[0] = 7
      for (const count of [1, 3, 1]) {
        const { product, factor } = await alone.run({ x: { values: new Float32Array(count).fill(3), shape: [count] } })
        expect(product).toEqual({ values: new Float32Array(count).fill(6), shape: [count] })
        expect(factor!.values).toEqual(Float32Array.of(2))
      }
      const first = await inside.run({})
      expect(first.state!.values).toEqual((await interpreter.read())[name])
      expect(first.sum!.values[0]).toBeCloseTo(2 * first.state!.values.reduce((a, b) => a + b), 4)
      await interpreter.step(batchFor(program, 0), program.numbers(5))
      const later = await inside.run({})
      expect(later.state!.values).toEqual((await interpreter.read())[name])
      expect(later.state!.values).not.toEqual(first.state!.values)
      alone.dispose()
      inside.dispose()
      expect(tf.memory().numTensors).toBe(before)
      interpreter.dispose()
    },
  )

  it.skipIf(skipped).each(isSlow ? OPTIONS.slice(0, 1) : OPTIONS)(
    'as many tensors are held after a step as before, and none at the end, with %o',
    async (options) => {
      const engine = await testEngine(backend)
      const before = tf.memory()
      const program = small(options, { gradientNorms: true })
      const interpreter = await engine.open(program, program.init(0))
      const first = tf.memory()
      expect(first.numTensors - before.numTensors).toBe(engine.compiles ? 0 : Object.keys(program.state).length)
      for (let step = 0; step < 3; step++) {
        await interpreter.step(batchFor(program, step), program.numbers(step))
        expect(tf.memory().numTensors).toBe(first.numTensors)
        expect(tf.memory().numDataBuffers).toBe(first.numDataBuffers)
        expect(tf.memory().numBytes).toBe(first.numBytes)
      }
      await tokensOf(interpreter, program, batchFor(program, 0).global, program.batch.global)
      await interpreter.read()
      expect(tf.memory().numTensors).toBe(first.numTensors)
      interpreter.dispose()
      expect(tf.memory().numTensors).toBe(before.numTensors)
      expect(tf.memory().numDataBuffers).toBe(before.numDataBuffers)
    },
  )

  it.skipIf(skipped)('a copy of the state that is given is taken, and copies are given', async () => {
    const engine = await testEngine(backend)
    const program = small()
    const given = program.init(0)
    const name = 'student.backbone.pos_embed'
    const kept = Float32Array.from(given[name]!)
    const interpreter = await engine.open(program, given)
    given[name]!.fill(7)
    const read = await interpreter.read()
    expect(read[name]).toEqual(kept)
    read[name]!.fill(9)
    expect((await interpreter.read())[name]).toEqual(kept)
    interpreter.dispose()
  })

  it.skipIf(skipped)('steps take any number of hidden patches', async () => {
    const { program, interpreter } = await open({ dropPath: 0.4 })
    for (const share of [0, 1, 0.5]) {
      const batch = batchFor(program, share)
      const mask = batch.mask!.map((_, i) => (i % 10 < 10 * share ? 1 : 0))
      const { loss, 'maskedImageModeling.loss': mim } = await interpreter.step({ ...batch, mask }, program.numbers(0))
      expect(Number.isFinite(loss)).toBe(true)
      expect(mim === 0).toBe(share === 0)
    }
    interpreter.dispose()
  })

  it.skipIf(skipped)(
    'a batch that holds no numbers changes nothing: weights, moments, teacher, centres, statistics',
    async () => {
      const { program, interpreter } = await open({ norm: 'batch' })
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
    // The errors of 1e15 have squares that are numbers; those of the gradients, which are errors times weights, are too large to be ones.
    const { program, state, interpreter } = await open({ pixels: true, teacher: false }, (values) => {
      const name = 'student.pixelReconstruction.decoder.weight'
      values[name] = new Float32Array(values[name]!.length).fill(1e15)
    })
    const report = await interpreter.step(batchFor(program, 0), program.numbers(1))
    expect(Number.isFinite(report.loss)).toBe(true)
    expect(report.gradientNorm).toBe(Number.POSITIVE_INFINITY)
    expect(await interpreter.read()).toEqual(state)
    interpreter.dispose()
  })

  it.skipIf(skipped)('batches of any size are encoded, and with the weights of the moment', async () => {
    const { program, interpreter } = await open({ dropPath: 0.4 })
    const [, height, width, channels] = program.batch.global
    const images = batchFor(program, 'images').global
    const one = await tokensOf(interpreter, program, images.subarray(0, height * width * channels), [1, height, width, channels])
    const all = await tokensOf(interpreter, program, images, program.batch.global)
    expect(all.shape[0]).toBe(program.batch.global[0])
    one.values.forEach((value, i) => {
      expect(value).toBeCloseTo(all.values[i]!, 4)
    })
    for (let step = 0; step < 3; step++) await interpreter.step(batchFor(program, step), program.numbers(step + 2))
    const later = await tokensOf(interpreter, program, images, program.batch.global)
    expect(later.values).not.toEqual(all.values)
    interpreter.dispose()
  })

  it.skipIf(skipped)(
    'the nearest rows are those of plain arithmetic, the lower index first where products are equal',
    async () => {
      const { interpreter } = await open()
      const draw = random('neighbours')
      // Few values, so that many products are equal.
      const rows = (count: number) => Float32Array.from({ length: count * 4 }, () => draw.integer(3) - 1)
      const [bank, queries] = [rows(30), rows(7)]
      const product = (query: number, row: number): number =>
        [0, 1, 2, 3].reduce((sum, i) => sum + queries[query * 4 + i]! * bank[row * 4 + i]!, 0)
      const { nearest, dispose } = interpreter.neighbours(4)
      const check = async (from: number, to: number, asked: number, k: number) => {
        const found = await nearest(bank.subarray(from * 4, to * 4), queries.subarray(0, asked * 4), k)
        expect(found.length).toBe(asked)
        for (const [query, { indices, similarities }] of found.entries()) {
          const best = Array.from({ length: to - from }, (_, row) => row)
            .sort((a, b) => product(query, from + b) - product(query, from + a) || a - b)
            .slice(0, k)
          expect([...indices]).toEqual(best)
          expect([...similarities]).toEqual(best.map((row) => product(query, from + row)))
        }
      }
      for (const k of [1, 5, 40]) await check(0, 30, 7, k)
      // Chunks of other lengths, two at a time.
      await Promise.all([check(0, 20, 7, 5), check(20, 30, 7, 5), check(20, 21, 1, 5)])
      dispose()
      interpreter.dispose()
    },
  )
})
