import * as tf from '@tensorflow/tfjs-core'
import fc from 'fast-check'
import { beforeAll, expect, test } from 'vitest'
import { random } from '../../src/base/random'
import { useBackend } from '../../src/engine/eager/use'
import { mixing } from '../../src/ops/all'
import { boxMix, drawMix, type Mix, UNMIXED } from '../../src/ops/mixing/box'
import type { Mixing } from '../../src/ops/slots'
import { built } from '../parity/ops'

beforeAll(async () => {
  await useBackend('cpu')()
})

const side = fc.integer({ min: 1, max: 64 })

test('a box lies within the picture, and the label keeps the share of what is outside of it', () => {
  fc.assert(
    fc.property(side, side, fc.double({ min: 0, max: 1, noNaN: true }), fc.nat(), fc.nat(), (height, width, lambda, y, x) => {
      const mix = boxMix([height, width], lambda, y % height, x % width)
      expect(0 <= mix.top && mix.top <= mix.bottom && mix.bottom <= height).toBe(true)
      expect(0 <= mix.left && mix.left <= mix.right && mix.right <= width).toBe(true)
      const pixels = (mix.bottom - mix.top) * (mix.right - mix.left)
      expect(mix.lambda).toBeCloseTo(1 - pixels / (height * width), 12)
      // No more than was drawn is taken away.
      expect(pixels).toBeLessThanOrEqual((1 - lambda) * height * width + 1e-9)
    }),
  )
})

const kinds = (mixture: Parameters<typeof drawMix>[0]) => {
  const all = Array.from({ length: 400 }, (_, step) => drawMix(mixture, random(0, 'mixing', step), [16, 16]))
  const share = (is: (mix: Mix) => boolean): number => all.filter(is).length / all.length
  return {
    none: share((mix) => mix === UNMIXED),
    mixup: share(({ blend }) => blend < 1),
    cutmix: share((mix) => mix !== UNMIXED && mix.blend === 1),
  }
}

test('batches are mixed as often as is asked for, by mixup and CutMix in turn', () => {
  const both = kinds({ mixup: 0.8, cutmix: 1, p: 0.6, switchProb: 0.25 })
  expect(both.none).toBeCloseTo(0.4, 1)
  expect(both.mixup).toBeCloseTo(0.45, 1)
  expect(both.cutmix).toBeCloseTo(0.15, 1)
})

test('with one of them alone all are mixed by it', () => {
  expect(kinds({ mixup: 0.8, cutmix: 0, p: 1, switchProb: 0.5 })).toEqual({ none: 0, mixup: 1, cutmix: 0 })
  expect(kinds({ mixup: 0, cutmix: 1, p: 1, switchProb: 0.5 })).toEqual({ none: 0, mixup: 0, cutmix: 1 })
})

test('the pixels in the box are those of the picture at the other end of the batch', () => {
  const op = built<Mixing>(mixing.spec, {})
  const numbers: Mix = { lambda: 0.75, blend: 1, top: 0, bottom: 1, left: 1, right: 2 }
  const images = tf.tensor4d([1, 2, 3, 4, 10, 20, 30, 40, 100, 200, 300, 400], [3, 2, 2, 1])
  const mixed = op.pictures(images, (name) => tf.scalar(numbers[name as keyof Mix]))
  expect([...mixed.dataSync()]).toEqual([1, 200, 3, 4, 10, 20, 30, 40, 100, 2, 300, 400])
  const labels = op.labels(tf.tensor2d([1, 0, 0, 1, 0, 1], [3, 2]), (name) => tf.scalar(numbers[name as keyof Mix]))
  expect([...labels.dataSync()]).toEqual([0.75, 0.25, 0, 1, 0.25, 0.75])
})
