import * as tf from '@tensorflow/tfjs-core'
import { beforeAll, expect, test } from 'vitest'
import { useBackend } from '../../src/engine/eager/use'
import { WHOLE } from '../../src/nn/across'
import { crossEntropy } from '../../src/ops/all'
import type { StudentLoss, StudentOutputs } from '../../src/ops/slots'
import { differentiate } from '../../src/program/differentiate'
import { built } from '../parity/ops'

beforeAll(async () => {
  await useBackend('cpu')()
})

const notNeeded = () => {
  throw new Error('this is not needed')
}
const outputs = (cls: readonly tf.Tensor2D[], labels: readonly number[][]): StudentOutputs => ({
  cls,
  across: WHOLE,
  patch: notNeeded,
  pixels: notNeeded,
  labels: () => tf.tensor2d(labels as number[][]),
})
const two = () => tf.scalar(2)
const loss = (labelSmoothing: number) => built<StudentLoss>(crossEntropy.spec, { labelSmoothing })

/** Probabilities 1/4, 3/4 and 1/2, 1/2. */
const LOGITS = [
  [0, Math.log(3)],
  [1, 1],
]

test('is the mean of what the right class is short of, times its weight', () => {
  const labels = [
    [0, 1],
    [1, 0],
  ]
  const value = loss(0)
    .learn(outputs([tf.tensor2d(LOGITS)], labels), two, notNeeded)
    .dataSync()[0]!
  expect(value).toBeCloseTo(-Math.log(3 / 4) - Math.log(1 / 2), 6)
})

test('smoothed, every class has its part; views count alike', () => {
  const labels = [
    [0, 1],
    [1, 0],
  ]
  const views = [tf.tensor2d(LOGITS), tf.zeros<tf.Rank.R2>([2, 2])]
  const value = loss(0.2).learn(outputs(views, labels), two, notNeeded).dataSync()[0]!
  const first = -(0.9 * Math.log(3 / 4) + 0.1 * Math.log(1 / 4)) - Math.log(1 / 2)
  expect(value).toBeCloseTo((first + 2 * Math.log(2)) / 2, 6)
})

test('its gradient by the logits is what is too much of each class', () => {
  const labels = [
    [0.3, 0.7],
    [1, 0],
  ]
  const { gradients } = differentiate(
    ({ logits }) => ({ value: loss(0.2).learn(outputs([logits as tf.Tensor2D], labels), two, notNeeded), kept: {} }),
    { logits: tf.tensor2d(LOGITS) },
  )
  // (softmax - (0.8 · label + 0.1)) · 2 / 2 pictures
  const wanted = [0.25 - 0.34, 0.75 - 0.66, 0.5 - 0.9, 0.5 - 0.1]
  for (const [i, value] of gradients.logits!.dataSync().entries()) expect(value).toBeCloseTo(wanted[i]!, 6)
})

test('accuracy is told of pictures that are of one class, and of none it is no number', () => {
  const accuracy = (labels: readonly number[][]) =>
    loss(0).monitor!(outputs([tf.tensor2d(LOGITS)], labels)).accuracy!.dataSync()[0]
  expect(
    accuracy([
      [0, 1],
      [0, 1],
    ]),
  ).toBe(0.5)
  expect(
    accuracy([
      [0, 1],
      [0.4, 0.6],
    ]),
  ).toBe(1)
  expect(
    accuracy([
      [0.5, 0.5],
      [0.4, 0.6],
    ]),
  ).toBeNaN()
})
