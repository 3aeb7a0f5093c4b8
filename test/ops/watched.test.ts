import * as tf from '@tensorflow/tfjs-core'
import { beforeAll, expect, test } from 'vitest'
import { useBackend } from '../../src/engine/eager/use'
import { WHOLE } from '../../src/nn/across'
import { watched } from '../../src/ops/loss/watched'

beforeAll(async () => {
  await useBackend('cpu')()
})

const values = (teacher: readonly number[][], student: readonly number[][], weights: readonly number[]) => {
  const monitors = watched(
    tf.tensor2d(teacher as number[][]),
    tf.log(tf.tensor2d(student as number[][])),
    tf.tensor1d(weights as number[]),
    WHOLE,
  )
  return Object.fromEntries(Object.entries(monitors).map(([name, value]) => [name, value.dataSync()[0]!]))
}

const UNIFORM = [0.25, 0.25, 0.25, 0.25]
const near = (wanted: Readonly<Record<string, number>>) =>
  Object.fromEntries(Object.entries(wanted).map(([name, value]) => [name, expect.closeTo(value, 5)]))

test('uniform distributions have all of the entropy, and use all prototypes', () => {
  expect(values([UNIFORM, UNIFORM], [UNIFORM, UNIFORM], [0.5, 0.5])).toMatchObject(
    near({ teacherEntropy: 1, studentEntropy: 1, prototypes: 4 }),
  )
})

test('certain ones have none, and use as many prototypes as there are kinds of them', () => {
  const teacher = [
    [1, 0, 0, 0],
    [0, 0, 1, 0],
  ]
  expect(values(teacher, [UNIFORM, UNIFORM], [0.5, 0.5])).toMatchObject(near({ teacherEntropy: 0, prototypes: 2 }))
  expect(values([teacher[0]!, teacher[0]!], [UNIFORM, UNIFORM], [0.5, 0.5])).toMatchObject(near({ prototypes: 1 }))
})

test('half on one prototype and half on another is half of ln 4; tokens count by their weights', () => {
  const half = [0.5, 0.5, 0, 0]
  expect(values([half, [1, 0, 0, 0]], [half.map((p) => p || 1e-20), UNIFORM], [0.75, 0.25])).toMatchObject(
    near({ teacherEntropy: 0.375, studentEntropy: 0.75 * 0.5 + 0.25 }),
  )
})

test('they agree where the most probable prototype is the same', () => {
  const teacher = [
    [0.4, 0.3, 0.2, 0.1],
    [0.1, 0.2, 0.3, 0.4],
  ]
  const student = [
    [0.7, 0.1, 0.1, 0.1],
    [0.7, 0.1, 0.1, 0.1],
  ]
  expect(values(teacher, student, [0.6, 0.4])).toMatchObject(near({ agreement: 0.6 }))
})

test('where no token counts there is nothing to watch', () => {
  expect(values([UNIFORM], [UNIFORM], [Number.NaN])).toEqual({
    teacherEntropy: Number.NaN,
    studentEntropy: Number.NaN,
    prototypes: Number.NaN,
    agreement: Number.NaN,
  })
})
