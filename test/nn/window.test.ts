/** Windows of a map: what stands where, what may not see each other, and gradients. */
import * as tf from '@tensorflow/tfjs-core'
import { beforeAll, describe, expect, it } from 'vitest'
import { random } from '../../src/base/random'
import { useBackend } from '../../src/engine/eager/use'
import { evaluation } from '../../src/nn/layer'
import { relativeBias, relativeIndex } from '../../src/nn/relativePosition'
import { patchMerging } from '../../src/nn/swinBlock'
import { apartMask, mapOf, windowsOf } from '../../src/nn/window'
import { differentiate } from '../../src/program/differentiate'
import { byDifferences } from './derivative'

beforeAll(async () => {
  await useBackend('cpu')()
})

/** One picture whose cell (y, x) holds 10 y + x. */
const numbered = (height: number, width: number): tf.Tensor4D =>
  tf.tensor4d(
    Array.from({ length: height * width }, (_, i) => 10 * Math.floor(i / width) + (i % width)),
    [1, height, width, 1],
  )
const rows = (windows: tf.Tensor3D): readonly number[][] => {
  const [count, cells] = windows.shape
  return tf.reshape(windows, [count, cells]).arraySync() as number[][]
}
const noise = (shape: readonly number[]): tf.Tensor => {
  const draw = random('window', ...shape)
  return tf.tensor(Float32Array.from({ length: shape.reduce((n, m) => n * m, 1) }, draw.normal), [...shape])
}

describe('the windows of a map', () => {
  it('are cut row by row', () => {
    expect(rows(windowsOf(numbered(2, 4), 2, 0))).toEqual([
      [0, 1, 10, 11],
      [2, 3, 12, 13],
    ])
  })

  it('are moved up and to the left, and what leaves the map comes in on the other side', () => {
    expect(rows(windowsOf(numbered(4, 4), 2, 1))).toEqual([
      [11, 12, 21, 22],
      [13, 10, 23, 20],
      [31, 32, 1, 2],
      [33, 30, 3, 0],
    ])
  })

  it('hold zeros below and to the right of a map that they do not divide', () => {
    expect(rows(windowsOf(numbered(1, 3), 2, 0))).toEqual([
      [0, 1, 0, 0],
      [2, 0, 0, 0],
    ])
  })

  it.each([
    [6, 6, 3, 0],
    [6, 6, 3, 1],
    [5, 7, 3, 1],
    [3, 3, 7, 3],
  ])('of %d × %d cells, %d wide and moved by %d, make the map again', (height, width, window, shift) => {
    const map = noise([2, height, width, 2]) as tf.Tensor4D
    const again = mapOf(windowsOf(map, window, shift), [height, width], window, shift)
    expect(again.shape).toEqual(map.shape)
    expect(Array.from(again.dataSync())).toEqual(Array.from(map.dataSync()))
  })
})

describe('the mask of shifted windows', () => {
  it('keeps apart what was on other sides of the map', () => {
    const apart = apartMask([4, 4], 2, 1)
    expect(apart.shape).toEqual([4, 4, 4])
    // 1 where two cells may not see each other.
    const seen = (tf.abs(tf.div(apart, 100)).arraySync() as number[][][]).map((window) => window.map((row) => row.join('')))
    expect(seen).toEqual([
      ['0000', '0000', '0000', '0000'],
      ['0101', '1010', '0101', '1010'],
      ['0011', '0011', '1100', '1100'],
      ['0111', '1011', '1101', '1110'],
    ])
  })
})

describe('relative positions', () => {
  it('name one row of the table for each distance, from above left to below right', () => {
    expect(Array.from(relativeIndex(2))).toEqual([4, 3, 1, 0, 5, 4, 2, 1, 7, 6, 4, 3, 8, 7, 5, 4])
  })

  it.each(['cpu', 'wasm'] as const)('add up their gradients on %s', async (backend) => {
    await useBackend(backend)()
    const table = noise([9, 2])
    const cotangent = noise([2, 4, 4])
    const scalar = ({ table }: Readonly<Record<string, tf.Tensor>>) => tf.sum(tf.mul(relativeBias(table!, 2), cotangent))
    const { gradients } = differentiate((given) => ({ value: scalar(given) as tf.Scalar, kept: {} }), { table })
    const want = byDifferences(scalar, { table }).table!
    for (const [i, gradient] of gradients.table!.dataSync().entries()) expect(Math.abs(gradient - want[i]!)).toBeLessThan(2e-3)
    await useBackend('cpu')()
  })
})

describe('patch merging', () => {
  it('puts the cells of a square side by side column by column, with zeros beyond an odd side', () => {
    const layer = patchMerging(1)
    // The differences within each column, of normalised cells.
    const weights: Readonly<Record<string, tf.Tensor>> = {
      'norm.weight': tf.ones([4]),
      'norm.bias': tf.zeros([4]),
      'reduction.weight': tf.tensor2d([
        [1, -1, 0, 0],
        [0, 0, 1, -1],
      ]),
    }
    const out = layer.apply((name) => weights[name]!, numbered(2, 3), evaluation)
    expect(out.shape).toEqual([1, 1, 2, 2])
    const [leftDown, rightDown, lastDown, beyond] = out.dataSync()
    // 0 above 10 and 1 above 11 differ alike; 2 above 12 beside two zeros.
    expect(leftDown).toBeCloseTo(rightDown!, 5)
    expect(leftDown).toBeLessThan(0)
    expect(lastDown).toBeLessThan(0)
    expect(beyond).toBeCloseTo(0, 5)
  })
})
