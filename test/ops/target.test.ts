import * as tf from '@tensorflow/tfjs-core'
import { beforeAll, describe, expect, it } from 'vitest'
import { useBackend } from '../../src/engine/eager/use'
import { WHOLE } from '../../src/nn/across'
import { center, sharpen, sinkhornKnopp } from '../../src/ops/all'
import { type Distribution, distribution, type LogitTransform, logitTransform, targetOf } from '../../src/ops/target/kind'
import { needed } from '../../src/ops/target/logits'
import { meaning } from '../parity/ops'

beforeAll(async () => {
  await useBackend('cpu')()
})

const LOGITS = [1, 2, 0, -1, 0, 1, 3, -2, 2, 2, 1, 0, 1, -1, 0, 0.5, 0.5, 0.25, 2, 1, 0, 0, 0, 1]
const logits = (shape: readonly number[]) => tf.tensor(LOGITS, [...shape])
const at = (temperature: number) => () => tf.scalar(temperature)

describe('sinkhornKnopp', () => {
  const assigned = (iterations: number, shape: readonly number[] = [6, 4]) =>
    meaning<Distribution>(distribution, sinkhornKnopp({ temperature: 0.5, iterations })).apply(
      needed(logits(shape), WHOLE),
      at(0.5),
    )

  /** The assignment of DINOv2's SinkhornKnoppTeacher (arXiv 2304.07193) in float64: temperature 0.5, 3 iterations. */
  const DINOV2 = [
    0.162008009, 0.828596397, 0.004372165, 0.00502343, 0.011548189, 0.059063672, 0.929030061, 0.000358078, 0.571372312,
    0.395491162, 0.015419817, 0.017716709, 0.601517094, 0.007625839, 0.016233344, 0.374623723, 0.099730795, 0.041869679,
    0.399449344, 0.458950182, 0.069440473, 0.048065146, 0.01384719, 0.868647191,
  ]

  it.each([[[6, 4]], [[2, 3, 4]]])('gives the assignment of DINOv2 for logits %o', (shape) => {
    const got = assigned(3, shape)
    expect(got.shape).toEqual([6, 4])
    got.dataSync().forEach((value, i) => {
      expect(value).toBeCloseTo(DINOV2[i]!, 5)
    })
  })

  it('makes a distribution of every token, and uses all prototypes alike when it goes on', () => {
    const got = assigned(100)
    for (const sum of tf.sum(got, 1).dataSync()) expect(sum).toBeCloseTo(1, 5)
    for (const sum of tf.sum(got, 0).dataSync()) expect(sum).toBeCloseTo(6 / 4, 4)
  })

  /** Rows of probabilities by the algorithm as it is written, in float64: exp, then columns and rows in turn. */
  const plain = (rows: readonly (readonly number[])[], temperature: number, iterations: number): readonly number[] => {
    const most = Math.max(...rows.flat())
    let q = rows.map((row) => row.map((logit) => Math.exp((logit - most) / temperature)))
    for (let i = 0; i < iterations; i++) {
      const columns = q[0]!.map((_, k) => q.reduce((sum, row) => sum + row[k]!, 0))
      q = q.map((row) => row.map((value, k) => value / columns[k]! / columns.length))
      q = q.map((row) => row.map((value) => value / row.reduce((sum, one) => sum + one, 0)))
    }
    return q.flat()
  }
  const of = (rows: readonly (readonly number[])[], temperature: number, iterations = 3) =>
    meaning<Distribution>(distribution, sinkhornKnopp({ temperature, iterations })).apply(
      needed(tf.tensor2d(rows.map((row) => [...row])), WHOLE),
      at(temperature),
    )

  it('is the algorithm as it is written where float64 can still hold its exponentials and float32 cannot', () => {
    // Exponents down to -600: exp(-600) is 1e-261.
    const rows = [
      [3, 1, -2],
      [-10, -12, -11],
      [-20, -18, -21],
      [-10, -21, -19.5],
    ]
    const want = plain(rows, 0.04, 3)
    of(rows, 0.04)
      .dataSync()
      .forEach((value, i) => {
        expect(value).toBeCloseTo(want[i]!, 4)
      })
  })

  it.each([
    [
      'a token far below the others',
      [
        [0, 1],
        [1, 0],
        [-1e4, -1e4 + 1],
      ],
    ],
    [
      'a prototype far below the others',
      [
        [0, 1, -1e5],
        [1, 0, -1e5],
        [0.5, 0.25, -1e5],
      ],
    ],
    [
      'logits of a million',
      [
        [1e6, -1e6, 0.5],
        [-1e6, 1e6, 3],
        [2e5, 3e5, 1e6 + 1],
      ],
    ],
    ['one token', [[-300, 200, 7]]],
  ] as const)('makes a distribution of every token: %s', (_, rows) => {
    for (const iterations of [1, 3, 20]) {
      const got = of(rows, 0.04, iterations)
      for (const value of got.dataSync()) expect(value).toBeGreaterThanOrEqual(0)
      for (const sum of tf.sum(got, 1).dataSync()) expect(sum).toBeCloseTo(1, 5)
    }
  })
})

describe('a target', () => {
  it('uses the old centre and moves it by the mean of all tokens', () => {
    const target = targetOf([
      meaning<LogitTransform>(logitTransform, center(0.75)),
      meaning<Distribution>(distribution, sharpen({ temperature: 0.5 })),
    ])
    expect(Object.entries(target.state(3, 4)).map(([name, { shape }]) => [name, shape])).toEqual([['center', [1, 1, 4]]])
    const old = tf.tensor3d([1, 0, -1, 2], [1, 1, 4])
    const { target: got, state } = target.apply(needed(logits([2, 3, 4]), WHOLE), () => old, at(0.5))
    const want = tf.softmax(tf.div(tf.sub(logits([2, 3, 4]), old), 0.5))
    expect([...got.dataSync()]).toEqual([...want.dataSync()])
    const mean = [0, 1, 2, 3].map((k) => LOGITS.filter((_, i) => i % 4 === k).reduce((sum, v) => sum + v, 0) / 6)
    state.center!.dataSync().forEach((value, k) => {
      expect(value).toBeCloseTo(0.75 * [1, 0, -1, 2][k]! + 0.25 * mean[k]!, 6)
    })
  })
})
