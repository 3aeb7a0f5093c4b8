import * as tf from '@tensorflow/tfjs-core'
import { beforeAll, describe, expect, it } from 'vitest'
import { useBackend } from '../../src/engine/eager/eager'
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
    meaning<Distribution>(distribution, sinkhornKnopp({ temperature: 0.5, iterations })).apply(needed(logits(shape)), at(0.5))

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
})

describe('a target', () => {
  it('uses the old centre and moves it by the mean of all tokens', () => {
    const target = targetOf([
      meaning<LogitTransform>(logitTransform, center(0.75)),
      meaning<Distribution>(distribution, sharpen({ temperature: 0.5 })),
    ])
    expect(Object.entries(target.state(3, 4)).map(([name, { shape }]) => [name, shape])).toEqual([['center', [1, 1, 4]]])
    const old = tf.tensor3d([1, 0, -1, 2], [1, 1, 4])
    const { target: got, state } = target.apply(needed(logits([2, 3, 4])), () => old, at(0.5))
    const want = tf.softmax(tf.div(tf.sub(logits([2, 3, 4]), old), 0.5))
    expect([...got.dataSync()]).toEqual([...want.dataSync()])
    const mean = [0, 1, 2, 3].map((k) => LOGITS.filter((_, i) => i % 4 === k).reduce((sum, v) => sum + v, 0) / 6)
    state.center!.dataSync().forEach((value, k) => {
      expect(value).toBeCloseTo(0.75 * [1, 0, -1, 2][k]! + 0.25 * mean[k]!, 6)
    })
  })
})
