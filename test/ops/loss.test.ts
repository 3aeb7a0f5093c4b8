import * as tf from '@tensorflow/tfjs-core'
import { beforeAll, describe, expect, it } from 'vitest'
import { useBackend } from '../../src/interpret/eager'
import { clsDistillation, maskedImageModeling } from '../../src/ops/all'
import type { Loss } from '../../src/ops/slots'
import { built } from '../parity/ops'

beforeAll(async () => {
  await useBackend('cpu')()
})

const one = () => tf.scalar(1)
/** Cross-entropy of a sure target with even logits over two prototypes. */
const EVEN = Math.log(2)

describe('maskedImageModeling', () => {
  const loss = built<Loss>(maskedImageModeling.spec, {})
  const value = (mask: readonly number[]): number =>
    loss
      .learn(
        tf.tensor3d(new Array(6).fill([1, 0]).flat(), [2, 3, 2]),
        { cls: [], patch: tf.zeros([2, 3, 2]), mask: tf.tensor2d([...mask], [2, 3]) },
        one,
      )
      .dataSync()[0]!

  it('is the mean over the masked patches of a view, then over all views', () => {
    expect(value([1, 1, 1, 1, 1, 1])).toBeCloseTo(EVEN, 6)
    expect(value([1, 0, 0, 1, 1, 0])).toBeCloseTo(EVEN, 6)
  })

  it('counts a view without a mask as 0', () => {
    expect(value([1, 0, 0, 0, 0, 0])).toBeCloseTo(EVEN / 2, 6)
    expect(value([0, 0, 0, 0, 0, 0])).toBe(0)
  })
})

describe('clsDistillation', () => {
  it('compares every teacher view with every other student view', () => {
    const loss = built<Loss>(clsDistillation.spec, { studentTemperature: 1 })
    const target = tf.tensor2d([1, 0, 0, 1], [2, 2])
    // The student is sure of what the teacher says of the other view: a large loss only for its own.
    const student = [tf.tensor2d([-50, 50], [1, 2]), tf.tensor2d([50, -50], [1, 2])]
    const outputs = { cls: student, patch: tf.zeros<tf.Rank.R3>([2, 0, 2]), mask: tf.zeros<tf.Rank.R2>([2, 0]) }
    expect(loss.learn(target, outputs, one).dataSync()[0]).toBeCloseTo(0, 6)
    const local = tf.zeros<tf.Rank.R2>([1, 2])
    // Two pairs of global views, and two of a global and the local one.
    expect(loss.learn(target, { ...outputs, cls: [...student, local] }, one).dataSync()[0]).toBeCloseTo(EVEN / 2, 5)
  })
})
