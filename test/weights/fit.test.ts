import * as tf from '@tensorflow/tfjs-core'
import '@tensorflow/tfjs-backend-cpu'
import { beforeAll, describe, expect, it } from 'vitest'
import { type WeightSpecs, weight } from '../../src/nn/layer'
import { positionsFor, resizedPositions } from '../../src/nn/position'
import { fitWeights } from '../../src/weights/fit'

beforeAll(() => tf.setBackend('cpu'))

const zeros = (...shape: readonly number[]) => weight(shape, { kind: 'zeros' })
const values = (...shape: readonly number[]) => ({
  shape,
  data: Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => Math.sin(i)),
})

const SPECS: WeightSpecs = {
  'backbone.pos_embed': zeros(1, 10, 4),
  'backbone.masked_embed': zeros(1, 4),
  'backbone.norm.weight': zeros(4),
  'head.last_layer.weight_g': zeros(5, 1),
}

describe('weights are put into a network', () => {
  it('by their names; what is lacking and what is left over is listed', () => {
    const given = new Map([
      ['backbone.pos_embed', values(1, 10, 4)],
      ['backbone.norm.weight', values(4)],
      ['head.last_layer.weight_g', values(5, 1)],
      // The same layer under its second name.
      ['head.last_layer2.weight_g', values(5, 1)],
      ['classifier.weight', values(2, 4)],
    ])
    const { weights, ...lists } = fitWeights(SPECS, given)
    expect(Object.keys(weights)).toEqual(['backbone.pos_embed', 'backbone.norm.weight', 'head.last_layer.weight_g'])
    expect(lists).toEqual({
      anew: [],
      missing: ['backbone.masked_embed'],
      unexpected: ['classifier.weight'],
      resized: [],
      unfit: [],
    })
  })

  it('whose shape may differ by axes of length 1 only', () => {
    const { weights, unfit } = fitWeights(
      SPECS,
      new Map([
        ['backbone.masked_embed', values(1, 1, 4)],
        ['backbone.norm.weight', values(2, 2)],
      ]),
    )
    expect(Object.keys(weights)).toEqual(['backbone.masked_embed'])
    expect(unfit).toEqual(['backbone.norm.weight is [2, 2], not [4]'])
  })

  it('with a position table for another size resized', () => {
    const { weights, resized, unfit } = fitWeights(SPECS, new Map([['backbone.pos_embed', values(1, 17, 4)]]))
    expect(resized).toEqual(['backbone.pos_embed from [1, 17, 4] to [1, 10, 4]'])
    expect(unfit).toEqual([])
    expect(weights['backbone.pos_embed']).toHaveLength(40)
  })

  it('but not with one of another width, or whose patches make no square', () => {
    expect(fitWeights(SPECS, new Map([['backbone.pos_embed', values(1, 17, 8)]])).unfit).toEqual([
      'backbone.pos_embed is [1, 17, 8], not [1, 10, 4]',
    ])
    expect(fitWeights(SPECS, new Map([['backbone.pos_embed', values(1, 16, 4)]])).unfit).toEqual([
      'backbone.pos_embed is [1, 16, 4], not [1, 10, 4]',
    ])
  })
})

it.each([
  [4, 7],
  [7, 4],
  [3, 14],
])('a position table of %i patches a side, resized to %i, is the one that the network computes with', (before, after) => {
  const { data, shape } = values(1, 1 + before ** 2, 6)
  const want = positionsFor(tf.tensor(data, [...shape]), after, after).dataSync()
  const got = resizedPositions(data, before, after, 6)
  expect(Math.max(...got.map((value, i) => Math.abs(value - want[i]!)))).toBeLessThan(1e-6)
})
