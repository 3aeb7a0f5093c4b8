import { expect, test } from 'vitest'
import { random } from '../../src/base/random'
import { newInputMonitors } from '../../src/loader/inputs'
import type { BatchShape } from '../../src/program/batch'
import { featureRanks, monitorsOf } from '../../src/run/runMonitors'

const shape = (pictures: number, channels: 1 | 3): BatchShape => ({
  pictures,
  views: 2,
  global: [2 * pictures, 6, 6, channels],
  local: [],
  mask: undefined,
  grid: { height: 3, width: 3 },
  draws: {},
})
const inputs = (pictures: number, channels: 1 | 3, value: (picture: number, pixel: number, channel: number) => number) => {
  const global = new Float32Array(2 * pictures * 36 * channels)
  for (let i = 0; i < global.length; i++)
    global[i] = value(Math.floor(i / (36 * channels)), Math.floor(i / channels) % 36, i % channels)
  const monitors = newInputMonitors(shape(pictures, channels))
  monitors.add({ global, local: [], mask: undefined, draws: {} })
  return monitors.values()
}

test('pictures of one colour hold nothing, whatever the colour; pictures that are all the same have no spread', () => {
  const flat = inputs(4, 3, (picture, _, channel) => picture + 3 * channel)
  expect(flat['input.std']).toBeCloseTo(0, 3)
  expect(flat['input.spread']).toBeCloseTo(Math.sqrt(1.25), 5)
  const same = inputs(4, 1, (_, pixel) => (pixel % 2 === 0 ? -1 : 1))
  expect(same['input.std']).toBeCloseTo(1, 5)
  expect(same['input.spread']).toBeCloseTo(0, 5)
})

test('one picture has no spread, and views after the first ones do not count', () => {
  expect(inputs(1, 1, (picture, pixel) => (picture === 0 ? pixel % 2 : 100 * pixel))).toEqual({
    'input.std': expect.closeTo(0.5, 5),
  })
})

test('the share of hidden patches is that of all views', () => {
  const mask = Float32Array.from({ length: 4 * 9 }, (_, i) => (i < 9 ? 1 : 0))
  const batch = { global: new Float32Array(4 * 36).fill(1), local: [], mask, draws: {} }
  const monitors = newInputMonitors({ ...shape(2, 1), mask: [4, 9] })
  monitors.add(batch)
  expect(monitors.values()['input.masked']).toBeCloseTo(0.25, 6)
})

test('the rank of the features is measured every 50 steps, of the newest 128', () => {
  const ranks = featureRanks(3)
  const draw = random('features')
  const of = (rows: number) => Float32Array.from({ length: rows * 3 }, draw.normal)
  const same = (rows: number) => Float32Array.from({ length: rows * 3 }, (_, i) => (i % 3) + 1)
  for (let step = 1; step < 50; step++) expect(ranks.after(step, of(100))).toEqual({})
  expect(ranks.after(50, of(100)).featureRank).toBeGreaterThan(2.9)
  for (let step = 51; step < 100; step++) ranks.after(step, same(100))
  expect(ranks.after(100, same(100)).featureRank).toBeCloseTo(1, 3)
})

test('where there are too few features it is not measured yet', () => {
  const ranks = featureRanks(2)
  // 64 steps give enough of them.
  for (let step = 1; step < 100; step++) expect(ranks.after(step, Float32Array.of(1, 2, 3, 4))).toEqual({})
  expect(ranks.after(100, Float32Array.of(1, 2, 3, 4)).featureRank).toBeGreaterThan(1)
})

test('what had nothing to measure is left out', () => {
  expect(monitorsOf({ loss: 1, 'a.loss': 2, gradientNorm: 3, 'b.agreement': Number.NaN }, ['a.loss'])).toEqual({
    gradientNorm: 3,
  })
})
