import * as tf from '@tensorflow/tfjs-core'
import { describe, expect, it } from 'vitest'
import { eager, useBackend } from '../../src/engine/eager/eager'
import { batchFor, type Small, small } from '../program/small'

const OPTIONS: readonly Small[] = [{ dropPath: 0.4 }, { norm: 'batch', sharedHead: false }, { masked: false }]

describe.each(['wasm', 'cpu'] as const)('the eager interpreter on %s', (backend) => {
  it.each(OPTIONS)('holds as many tensors after a step as before, with %o', async (options) => {
    await useBackend(backend)()
    const before = tf.memory()
    const program = small(options, { gradientNorms: true })
    const interpreter = eager(program, program.init(0))
    const first = tf.memory()
    expect(first.numTensors - before.numTensors).toBe(Object.keys(program.state).length)
    for (let step = 0; step < 3; step++) {
      await interpreter.step(batchFor(program, step), program.numbers(step))
      expect(tf.memory().numTensors).toBe(first.numTensors)
      expect(tf.memory().numDataBuffers).toBe(first.numDataBuffers)
      expect(tf.memory().numBytes).toBe(first.numBytes)
    }
    await interpreter.encode(batchFor(program, 0).global, program.batch.global)
    await interpreter.read()
    expect(tf.memory().numTensors).toBe(first.numTensors)
    interpreter.dispose()
    expect(tf.memory().numTensors).toBe(before.numTensors)
    expect(tf.memory().numDataBuffers).toBe(before.numDataBuffers)
  })

  it('takes a copy of the state that it is given, and gives copies', async () => {
    await useBackend(backend)()
    const program = small()
    const given = program.init(0)
    const name = 'student.backbone.pos_embed'
    const kept = Float32Array.from(given[name]!)
    const interpreter = eager(program, given)
    given[name]!.fill(7)
    const read = await interpreter.read()
    expect(read[name]).toEqual(kept)
    read[name]!.fill(9)
    expect((await interpreter.read())[name]).toEqual(kept)
    interpreter.dispose()
  })
})
