import * as tf from '@tensorflow/tfjs-core'
import { beforeAll, describe, expect, it } from 'vitest'
import { useBackend } from '../../src/engine/eager/use'
import { type Context, evaluation } from '../../src/nn/layer'
import { batchNorm } from '../../src/nn/norm'

beforeAll(async () => {
  await useBackend('cpu')()
})

describe('batch normalisation', () => {
  const layer = batchNorm(2)
  const first = () => ({
    weight: tf.ones([2]),
    bias: tf.zeros([2]),
    running_mean: tf.zeros([2]),
    running_var: tf.ones([2]),
    num_batches_tracked: tf.scalar(0),
  })

  /** Every use reads the statistics as the one before left them. */
  const uses = (count: number, x: tf.Tensor) => {
    const state: Record<string, tf.Tensor> = first()
    const context: Context = {
      ...evaluation,
      training: true,
      update: (name, value) => {
        state[name] = value
      },
    }
    const outputs = Array.from({ length: count }, () => layer.apply((name) => state[name]!, x, context))
    return { state, y: outputs[0]! }
  }
  const x = () => tf.tensor2d([1, -2, 3, 0.5, 0.5, 4, -1, 2], [4, 2])
  const close = (got: tf.Tensor, want: readonly number[]) =>
    [...got.dataSync()].forEach((value, i) => {
      expect(value).toBeCloseTo(want[i]!, 6)
    })

  it("has torch's values and running statistics", () => {
    const { state, y } = uses(1, x())
    close(y, [0.087370192, -1.426823877, 1.485293268, -0.285364775, -0.262110577, 1.312677966, -1.310552884, 0.399510685])
    close(state.running_mean!, [0.0875, 0.1125])
    close(state.running_var!, [1.1729166667, 1.5395833333])
    close(state.num_batches_tracked!, [1])
  })

  it('takes tokens of a sequence for a batch of their own', () => {
    const flat = uses(1, x())
    const tokens = uses(1, tf.reshape(x(), [2, 2, 2]))
    expect(tokens.y.shape).toEqual([2, 2, 2])
    expect([...tokens.y.dataSync()]).toEqual([...flat.y.dataSync()])
    close(tokens.state.running_var!, [1.1729166667, 1.5395833333])
  })

  it('moves its statistics at every use, and does not where it only evaluates', () => {
    const { state } = uses(2, x())
    close(state.running_mean!, [0.0875 * 1.9, 0.1125 * 1.9])
    close(state.num_batches_tracked!, [2])
    const kept: Readonly<Record<string, tf.Tensor>> = first()
    const y = layer.apply((name) => kept[name]!, x(), evaluation)
    close(
      y,
      [...x().dataSync()].map((value) => value / Math.sqrt(1 + 1e-5)),
    )
  })
})
