/** Values go into TensorFlow's memory and come back as they were, whatever their length. */
import * as tf from '@tensorflow/tfjs-core'
import { expect, test } from 'vitest'
import { evaluate } from '../../src/engine/computer'
import { testEngine, withoutTensorFlow } from '../engine'

test.skipIf(withoutTensorFlow !== undefined).each([1, 3, 1000, 2 ** 22 - 1, 2 ** 22, 2 ** 23 + 5])(
  '%d numbers that lie somewhere in a larger array',
  async (count) => {
    const engine = await testEngine('tensorflow')
    const all = Float32Array.from({ length: count + 2 }, (_, i) => i % 65_521)
    const values = all.subarray(1, count + 1)
    const { negated } = await evaluate(engine, (input) => ({ negated: tf.neg(input('x')) }), { x: { values, shape: [count] } })
    expect(negated!.shape).toEqual([count])
    expect(negated!.values.every((value, i) => value === -values[i]!)).toBe(true)
  },
)
