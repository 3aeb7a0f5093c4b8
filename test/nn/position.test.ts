import * as tf from '@tensorflow/tfjs-core'
import fc from 'fast-check'
import { beforeAll, describe, expect, it } from 'vitest'
import { useBackend } from '../../src/engine/eager/use'
import { bicubicWeights, positionsFor } from '../../src/nn/position'

beforeAll(async () => {
  await useBackend('cpu')()
})

/** torch.nn.functional.interpolate, bicubic, float64, scale (n + 0.1) / 3, of the grid below to height × width. */
const TORCH: readonly (readonly [height: number, width: number, values: readonly number[]])[] = [
  [
    5,
    5,
    [
      1.402447578, -0.694465591, -2.625940908, 0.500978931, 3.86883606, 0.736828999, 0.594462356, 0.476486328, 0.747265403,
      1.024716585, 0.142597709, 2.097677689, 3.972641313, 1.386694371, -1.47846126, 1.219047263, 1.579966915, 2.184042537,
      2.853080379, 3.28070055, 2.35808481, 0.681565269, -0.431025454, 3.987472422, 8.280860217,
    ],
  ],
  [2, 2, [0.482099362, 0.978429087, 1.448096221, 3.262519634]],
  [4, 2, [0.218041692, 1.126334008, 0.893722613, 0.609229932, 1.45304597, 2.006600435, 1.435322502, 4.635874028]],
  [
    3,
    5,
    [
      1.305393161, -0.474114171, -2.106781118, 0.575464973, 3.45743429, 0.135330055, 2.074517761, 3.929787445, 1.345070325,
      -1.513308092, 2.057156624, 0.887738717, 0.195609073, 3.650662813, 6.956666074,
    ],
  ],
]
const GRID = [1, -2, 3, 0.5, 4, -1, 2, 0, 7]
const CLS = 9

/** A table of one feature: the [CLS] position, then the grid. */
const table = () => tf.tensor3d([CLS, ...GRID], [1, 10, 1])

describe('positions for another size', () => {
  it.each(TORCH)('are those of torch for %i × %i', (height, width, values) => {
    const got = positionsFor(table(), height, width)
    expect(got.shape).toEqual([1, 1 + height * width, 1])
    const [cls, ...cells] = got.dataSync()
    expect(cls).toBe(CLS)
    cells.forEach((value, i) => {
      expect(Math.abs(value - values[i]!)).toBeLessThan(2e-6)
    })
  })

  it('are the table itself for its own size only: a grid of as many cells but another shape is resized', () => {
    const own = table()
    expect(positionsFor(own, 3, 3)).toBe(own)
    expect([...positionsFor(own, 9, 1).dataSync()]).not.toEqual([CLS, ...GRID])
  })

  it('give what they take: the weights of every cell add up to 1', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 20 }), fc.integer({ min: 1, max: 40 }), (before, after) => {
        for (const row of bicubicWeights(before, after))
          expect(Math.abs(row.reduce((sum, weight) => sum + weight, 0) - 1)).toBeLessThan(1e-6)
      }),
    )
  })
})
