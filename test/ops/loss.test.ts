import * as tf from '@tensorflow/tfjs-core'
import { beforeAll, describe, expect, it } from 'vitest'
import { useBackend } from '../../src/engine/eager/use'
import { WHOLE } from '../../src/nn/across'
import { clsDistillation, maskedImageModeling, pixelReconstruction } from '../../src/ops/all'
import { tokenWeightsOf } from '../../src/ops/loss/tokenWeights'
import type { DistillationLoss, StudentLoss } from '../../src/ops/slots'
import { built } from '../parity/ops'

beforeAll(async () => {
  await useBackend('cpu')()
})

const one = () => tf.scalar(1)
const notNeeded = () => {
  throw new Error('this is not needed')
}
/** Cross-entropy of a sure target with even logits over two prototypes. */
const EVEN = Math.log(2)

describe('maskedImageModeling', () => {
  const loss = built<DistillationLoss>(maskedImageModeling.spec, {})
  const value = (mask: readonly number[]): number =>
    loss
      .learn(
        tf.tensor2d(new Array(6).fill([1, 0]).flat(), [6, 2]),
        {
          cls: [],
          across: WHOLE,
          patch: () => ({
            logits: tf.zeros([6, 2]),
            tokenWeights: tf.reshape(tokenWeightsOf(tf.tensor2d([...mask], [2, 3])), [6]),
          }),
          pixels: notNeeded,
          labels: notNeeded,
        },
        one,
        notNeeded,
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
    const loss = built<DistillationLoss>(clsDistillation.spec, { studentTemperature: 1 })
    const target = tf.tensor2d([1, 0, 0, 1], [2, 2])
    // The student is sure of what the teacher says of the other view: a large loss only for its own.
    const student = [tf.tensor2d([-50, 50], [1, 2]), tf.tensor2d([50, -50], [1, 2])]
    const outputs = { cls: student, across: WHOLE, patch: notNeeded, pixels: notNeeded, labels: notNeeded }
    expect(loss.learn(target, outputs, one, notNeeded).dataSync()[0]).toBeCloseTo(0, 6)
    const local = tf.zeros<tf.Rank.R2>([1, 2])
    // Two pairs of global views, and two of a global and the local one.
    expect(loss.learn(target, { ...outputs, cls: [...student, local] }, one, notNeeded).dataSync()[0]).toBeCloseTo(EVEN / 2, 5)
  })
})

describe('pixelReconstruction', () => {
  // Two views of three patches of four pixels; the first token of each is not a patch.
  const pixels = () =>
    tf.tensor2d([0, 0, 0, 0, 1, 2, 3, 4, 5, 5, 5, 5, 0, 1, 0, 1, 0, 0, 0, 0, 9, 8, 7, 6, 2, 2, 2, 2, 1, 0, 0, 0], [8, 4])
  const value = (parameters: object, mask: readonly number[], bias: readonly number[] = [0, 0, 0, 0]): number => {
    const loss = built<StudentLoss>(pixelReconstruction.spec, parameters)
    const weights: Readonly<Record<string, tf.Tensor>> = {
      'decoder.weight': tf.zeros([4, 3]),
      'decoder.bias': tf.tensor1d([...bias]),
    }
    const tokenWeights = tf.concat([tf.zeros([2, 1]), tokenWeightsOf(tf.tensor2d([...mask], [2, 3]))], 1)
    const outputs = {
      cls: [],
      across: WHOLE,
      patch: notNeeded,
      labels: notNeeded,
      pixels: () => ({
        tokens: tf.ones<tf.Rank.R2>([8, 3]),
        pixels: pixels(),
        tokenWeights: tf.reshape(tokenWeights, [8]) as tf.Tensor1D,
      }),
    }
    return loss.learn(outputs, one, (name) => weights[name]!).dataSync()[0]!
  }

  it('is the mean squared error of the hidden patches of a view, then over all views', () => {
    // (1 + 4 + 9 + 16) / 4 and 25 in the first view, (81 + 64 + 49 + 36) / 4 in the second.
    expect(value({ normalize: false }, [1, 1, 0, 1, 0, 0])).toBeCloseTo(((7.5 + 25) / 2 + 57.5) / 2, 5)
    expect(value({ normalize: false }, [1, 0, 0, 0, 0, 0])).toBeCloseTo(7.5 / 2, 5)
    expect(value({ normalize: false }, [1, 0, 0, 0, 0, 0], [1, 2, 3, 4])).toBeCloseTo(0, 6)
  })

  it('normalises each patch by itself', () => {
    // Standardised numbers have a mean square of (n - 1) / n; a patch of one colour is 0.
    expect(value({}, [1, 0, 0, 1, 0, 0])).toBeCloseTo(0.75, 5)
    expect(value({}, [0, 1, 0, 0, 1, 0])).toBeCloseTo(0, 5)
  })

  it('declares a decoder onto the pixels of a token', () => {
    const loss = built<StudentLoss>(pixelReconstruction.spec, {})
    const { 'decoder.weight': matrix, 'decoder.bias': bias } = loss.weights!({ width: 12, stride: 4, channels: 3 })
    expect([matrix!.shape, bias!.shape, matrix!.trainable]).toEqual([[48, 12], [48], true])
  })
})
