import * as tf from '@tensorflow/tfjs-core'
import { beforeAll, describe, expect, it } from 'vitest'
import { useBackend } from '../../src/engine/eager/use'
import { type HeadShape, head } from '../../src/nn/head'
import { evaluation } from '../../src/nn/layer'

beforeAll(async () => {
  await useBackend('cpu')()
})

const shape: HeadShape = {
  inputs: 2,
  layers: 2,
  hidden: 2,
  bottleneck: 0,
  norm: 'layer',
  activation: 'relu',
  prototypes: { cls: 2, patch: 2 },
  shared: true,
  normalizeLastLayer: true,
}

/** Identities wherever a matrix is wanted. */
const identities: Readonly<Record<string, () => tf.Tensor>> = {
  'mlp.0.weight': () => tf.tensor2d([1, 0, 0, 1], [2, 2]),
  'mlp.0.bias': () => tf.zeros([2]),
  'mlp.1.weight': () => tf.ones([2]),
  'mlp.1.bias': () => tf.zeros([2]),
  'mlp.3.weight': () => tf.tensor2d([1, 0, 0, 1], [2, 2]),
  'mlp.3.bias': () => tf.zeros([2]),
}

describe('the head', () => {
  it('normalises with an epsilon of 1e-5, not the 1e-6 of the backbone', () => {
    const made = head(shape)
    expect(Object.keys(made.weights)).toEqual(Object.keys(identities))
    const tokens = tf.tensor3d([1e-3, -1e-3, -2e-3, 2e-3], [1, 2, 2])
    const { cls, patch } = made.apply((name) => identities[name]!(), tokens, evaluation)
    expect(cls.dataSync()[0]).toBeCloseTo(1e-3 / Math.sqrt(1e-6 + 1e-5), 5)
    expect(patch!.dataSync()[1]).toBeCloseTo(2e-3 / Math.sqrt(4e-6 + 1e-5), 5)
  })

  it('gives vectors the logits of [CLS]', () => {
    const made = head(shape)
    const read = (name: string) => identities[name]!()
    const tokens = tf.tensor3d([1, -2, 3, 4, -5, 6, 0.5, 2], [2, 2, 2])
    const all = [...made.apply(read, tokens, evaluation).cls.dataSync()]
    expect([...made.vectors(read, tf.tensor2d([1, -2, -5, 6], [2, 2]), evaluation).dataSync()]).toEqual(all)
  })
})
