import * as tf from '@tensorflow/tfjs-core'
import { beforeAll, describe, expect, it } from 'vitest'
import { useBackend } from '../../src/interpret/eager'
import { clsDistillation, maskedImageModeling } from '../../src/ops/all'
import { sharesOf } from '../../src/ops/loss/share'
import type { Loss } from '../../src/ops/slots'
import { built } from '../parity/ops'

beforeAll(async () => {
  await useBackend('cpu')()
})

const one = () => tf.scalar(1)
const noPatches = () => {
  throw new Error('no patches are needed')
}
/** Cross-entropy of a sure target with even logits over two prototypes. */
const EVEN = Math.log(2)

describe('maskedImageModeling', () => {
  const loss = built<Loss>(maskedImageModeling.spec, {})
  const value = (mask: readonly number[]): number =>
    loss
      .learn(
        tf.tensor2d(new Array(6).fill([1, 0]).flat(), [6, 2]),
        {
          cls: [],
          patch: () => ({ logits: tf.zeros([6, 2]), share: tf.reshape(sharesOf(tf.tensor2d([...mask], [2, 3])), [6]) }),
        },
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
    const outputs = { cls: student, patch: noPatches }
    expect(loss.learn(target, outputs, one).dataSync()[0]).toBeCloseTo(0, 6)
    const local = tf.zeros<tf.Rank.R2>([1, 2])
    // Two pairs of global views, and two of a global and the local one.
    expect(loss.learn(target, { ...outputs, cls: [...student, local] }, one).dataSync()[0]).toBeCloseTo(EVEN / 2, 5)
  })
})
