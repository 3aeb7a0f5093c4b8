/** What the compiling interpreter promises besides the same numbers. */
import * as tf from '@tensorflow/tfjs-core'
import { describe, expect, it } from 'vitest'
import { random } from '../../src/base/random'
import { openInterpreter } from '../../src/engine/openInterpreter'
import { testEngine, withoutTensorFlow } from '../engine'
import { batchFor, small } from '../program/small'

const open = async () => {
  const program = small({ dropPath: 0.4 })
  return { program, interpreter: await openInterpreter(await testEngine('tensorflow'), program, program.init(0)) }
}

describe.skipIf(withoutTensorFlow !== undefined)('the compiling interpreter', () => {
  it('holds no tensors of tfjs, and takes steps with any number of hidden patches', async () => {
    const before = tf.memory().numTensors
    const { program, interpreter } = await open()
    expect(tf.memory().numTensors).toBe(before)
    for (const share of [0, 1, 0.5]) {
      const batch = batchFor(program, share)
      const mask = batch.mask!.map((_, i) => (i % 10 < 10 * share ? 1 : 0))
      const { loss, 'maskedImageModeling.loss': mim } = await interpreter.step({ ...batch, mask }, program.numbers(0))
      expect(Number.isFinite(loss)).toBe(true)
      expect(mim === 0).toBe(share === 0)
    }
    await interpreter.encode(batchFor(program, 0).global, program.batch.global)
    expect(tf.memory().numTensors).toBe(before)
    interpreter.dispose()
  })

  it("leaves Node's event loop free while a step runs", async () => {
    const { program, interpreter } = await open()
    let turns = 0
    let stepping = true
    const turn = (): void => {
      if (!stepping) return
      turns++
      setImmediate(turn)
    }
    const step = interpreter.step(batchFor(program, 0), program.numbers(0))
    setImmediate(turn)
    await step
    stepping = false
    expect(turns).toBeGreaterThan(0)
    interpreter.dispose()
  })

  it('takes a copy of the state that it is given, and gives copies', async () => {
    const program = small()
    const given = program.init(0)
    const name = 'student.backbone.pos_embed'
    const kept = Float32Array.from(given[name]!)
    const interpreter = await openInterpreter(await testEngine('tensorflow'), program, given)
    given[name]!.fill(7)
    const read = await interpreter.read()
    expect(read[name]).toEqual(kept)
    read[name]!.fill(9)
    expect((await interpreter.read())[name]).toEqual(kept)
    interpreter.dispose()
  })

  it('encodes batches of any size, and with the weights of the moment', async () => {
    const { program, interpreter } = await open()
    const [, height, width, channels] = program.batch.global
    const images = batchFor(program, 'images').global
    const one = await interpreter.encode(images.subarray(0, height * width * channels), [1, height, width, channels])
    const all = await interpreter.encode(images, program.batch.global)
    expect(all.shape[0]).toBe(program.batch.global[0])
    one.values.forEach((value, i) => {
      expect(value).toBeCloseTo(all.values[i]!, 4)
    })
    for (let step = 0; step < 3; step++) await interpreter.step(batchFor(program, step), program.numbers(step + 2))
    const later = await interpreter.encode(images, program.batch.global)
    expect(later.values).not.toEqual(all.values)
    interpreter.dispose()
  })

  it('finds the neighbours that plain JavaScript finds, ties too', async () => {
    const { program, interpreter } = await open()
    const plain = await openInterpreter(await testEngine('cpu'), program, program.init(0))
    const draw = random('neighbours')
    // Few values, so that many products are equal.
    const rows = (count: number) => Float32Array.from({ length: count * 4 }, () => draw.integer(3) - 1)
    const [bank, queries] = [rows(30), rows(7)]
    const [fast, slow] = [interpreter.neighbours(bank, 4), plain.neighbours(bank, 4)]
    for (const k of [1, 5, 40]) expect(await fast.nearest(queries, 7, k)).toEqual(await slow.nearest(queries, 7, k))
    fast.dispose()
    slow.dispose()
    interpreter.dispose()
    plain.dispose()
  })
})
