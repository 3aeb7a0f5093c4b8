import * as tf from '@tensorflow/tfjs-core'
import fc from 'fast-check'
import { beforeAll, describe, expect, it } from 'vitest'
import { useBackend } from '../../src/engine/eager/use'
import { dropout } from '../../src/nn/dropout'
import { type Context, evaluation, type Layer } from '../../src/nn/layer'
import { vit } from '../../src/nn/vit'

beforeAll(async () => {
  await useBackend('cpu')()
})

const none = () => {
  throw new Error('there are no weights')
}
const training = (draws: readonly number[], shape: readonly number[]): Context => ({
  ...evaluation,
  training: true,
  draws: () => tf.tensor([...draws], [...shape]),
})
const applied = (layer: Layer, x: tf.Tensor, context: Context): readonly number[] => [...layer.apply(none, x, context).dataSync()]

const rates = fc.constantFrom(0.1, 0.25, 0.5, 0.9)
/** Not at the very rate, where rounding decides. */
const draw = fc.double({ min: 0, max: 0.9999, noNaN: true })

describe('dropout', () => {
  it('drops single values whose draw is below the rate, and divides the others by what remains', () => {
    fc.assert(
      fc.property(rates, fc.tuple(draw, draw, draw, draw), (rate, draws) => {
        fc.pre(draws.every((u) => Math.abs(u - rate) > 1e-6))
        const got = applied(
          dropout(rate, () => [2, 2]),
          tf.tensor2d([1, 2, 3, 4], [2, 2]),
          training(draws, [2, 2]),
        )
        got.forEach((value, i) => {
          expect(Math.abs(value - (draws[i]! < rate ? 0 : (i + 1) / (1 - rate)))).toBeLessThan(1e-4)
        })
      }),
    )
  })
})

describe('dropout without effect', () => {
  it.each([dropout(0.5, () => [2, 2]), dropout(0, () => [2, 2])])(
    'changes nothing outside training, nor without a rate',
    (layer) => {
      const x = tf.tensor2d([1, 2, 3, 4], [2, 2])
      expect(layer.apply(none, x, evaluation)).toBe(x)
      if (Object.keys(layer.draws).length === 0) expect(layer.apply(none, x, { ...evaluation, training: true })).toBe(x)
    },
  )
})

describe('a network', () => {
  const shape = {
    channels: 3,
    imageSize: 8,
    patch: 4,
    width: 6,
    depth: 4,
    heads: 2,
    mlpRatio: 2,
    qkvBias: true,
    qkScale: undefined,
    dropout: 0,
    attentionDropout: 0,
    layerScale: 0,
    registers: 0,
    pooling: 'cls',
  } as const

  it('has a draw for both branches of every block but the first, one number a sample', () => {
    const { draws } = vit({ ...shape, dropPath: 0.3 })
    const names = [1, 2, 3].flatMap((i) => [`blocks.${i}.attn.drop_path.path`, `blocks.${i}.mlp.drop_path.path`])
    expect(Object.keys(draws)).toEqual(names)
    for (const name of names) expect(draws[name]!(5, 17)).toEqual([5])
    expect(Object.keys(vit({ ...shape, dropPath: 0 }).draws)).toEqual([])
  })

  it('drops a branch at a rate that grows linearly with the block', () => {
    const net = vit({ ...shape, dropPath: 0.3 })
    const weights = Object.fromEntries(Object.entries(net.weights).map(([name, spec]) => [name, tf.fill([...spec.shape], 0.1)]))
    const images = tf.ones([1, 8, 8, 3]) as tf.Tensor4D
    /** Tokens where every draw is `u` but that of one branch, which is dropped. */
    const tokens = (dropped: string | undefined, u: number) =>
      net.tokens((name) => weights[name]!, images, undefined, {
        ...evaluation,
        training: true,
        draws: (name) => tf.fill([1], name === dropped ? 0 : u),
      })
    // A draw just below a block's rate drops its branch, one just above keeps it.
    const rate = (i: number) => (0.3 * i) / 3
    for (const i of [1, 2, 3]) {
      const name = `blocks.${i}.mlp.drop_path.path`
      const at = (u: number) =>
        net.tokens((weight) => weights[weight]!, images, undefined, {
          ...evaluation,
          training: true,
          draws: (other) => tf.fill([1], other === name ? u : 0.99),
        })
      expect([...at(rate(i) - 1e-3).dataSync()]).toEqual([...tokens(name, 0.99).dataSync()])
      expect([...at(rate(i) + 1e-3).dataSync()]).toEqual([...tokens(undefined, 0.99).dataSync()])
    }
  })
})
