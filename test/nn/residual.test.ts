import * as tf from '@tensorflow/tfjs-core'
import fc from 'fast-check'
import { beforeAll, expect, it } from 'vitest'
import { useBackend } from '../../src/engine/eager/use'
import { type Context, evaluation } from '../../src/nn/layer'
import { residual } from '../../src/nn/residual'

beforeAll(async () => {
  await useBackend('cpu')()
})

const training = (draws: readonly number[]): Context => ({ ...evaluation, training: true, draws: () => tf.tensor1d([...draws]) })
const x = () => tf.tensor3d([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12], [3, 2, 2])
const branch = () => tf.mul(x(), 10) as tf.Tensor3D

const rates = fc.constantFrom(0.1, 0.25, 0.5, 0.9)
/** Not at the very rate, where rounding decides. */
const draw = fc.double({ min: 0, max: 0.9999, noNaN: true })

it('drops the branch of samples whose draw is below the rate, and divides the others by what remains; so the gradient', () => {
  fc.assert(
    fc.property(rates, fc.tuple(draw, draw, draw), (rate, draws) => {
      fc.pre(draws.every((u) => Math.abs(u - rate) > 1e-6))
      const add = (x: tf.Tensor, branch: tf.Tensor) => residual(rate).add(x, branch, training(draws))
      const [dx, dBranch] = tf.grads(add)([x(), branch()], tf.ones([3, 2, 2])) as [tf.Tensor, tf.Tensor]
      const gradient = dBranch.dataSync()
      add(x(), branch())
        .dataSync()
        .forEach((value, i) => {
          const factor = draws[Math.floor(i / 4)]! < rate ? 0 : 1 / (1 - rate)
          expect(Math.abs(value - (i + 1 + 10 * (i + 1) * factor))).toBeLessThan(1e-3)
          expect(Math.abs(gradient[i]! - factor)).toBeLessThan(1e-5)
        })
      expect([...dx.dataSync()]).toEqual(Array.from({ length: 12 }, () => 1))
    }),
  )
})

it.each([
  ['outside training', residual(0.5), evaluation],
  ['without a rate', residual(0), { ...evaluation, training: true }],
])('is a sum %s', (_, { add }, context) => {
  expect([...add(x(), branch(), context).dataSync()]).toEqual(Array.from({ length: 12 }, (_, i) => 11 * (i + 1)))
})

it('draws once a sample, and not at all without a rate', () => {
  expect(residual(0.1).draws.path!(7, 5)).toEqual([7])
  expect(residual(0).draws).toEqual({})
})
