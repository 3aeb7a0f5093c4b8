import fc from 'fast-check'
import { expect, test } from 'vitest'
import { permutation, philox, random, shuffle } from '../../src/base/random'

const hex = (words: readonly number[]): string => words.map((word) => word.toString(16).padStart(8, '0')).join(' ')

test('philox gives the known answers of Random123', () => {
  const ones = 0xffffffff
  expect(hex(philox([0, 0, 0, 0], [0, 0]))).toBe('6627e8d5 e169c58d bc57ac4c 9b00dbd8')
  expect(hex(philox([ones, ones, ones, ones], [ones, ones]))).toBe('408f276d 41c83b0e a20bc7c6 6d5451fd')
  expect(hex(philox([0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344], [0xa4093822, 0x299f31d0]))).toBe(
    'd16cfe09 94fdcceb 5001e420 24126ea1',
  )
})

test('a key always gives the same draws, and another key others', () => {
  const first = (...key: (string | number)[]) => Array.from({ length: 6 }, random(...key).uniform)
  expect(first(0, 'crop', 3, 7)).toEqual(first(0, 'crop', 3, 7))
  for (const other of [
    [1, 'crop', 3, 7],
    [0, 'mask', 3, 7],
    [0, 'crop', 7, 3],
    [0, 'crop', 37],
    ['0', 'crop', 3, 7],
  ])
    expect(first(...other)).not.toEqual(first(0, 'crop', 3, 7))
})

test('draws are uniform, and neighbouring keys are independent', () => {
  const n = 20_000
  const pairs = Array.from({ length: n }, (_, i) => [random(5, 'a', i).uniform(), random(5, 'a', i + 1).uniform()] as const)
  const mean = pairs.reduce((sum, [x]) => sum + x, 0) / n
  const variance = pairs.reduce((sum, [x]) => sum + (x - mean) ** 2, 0) / n
  const correlation = pairs.reduce((sum, [x, y]) => sum + (x - 0.5) * (y - 0.5), 0) / n / variance
  // Five standard errors.
  expect(Math.abs(mean - 0.5)).toBeLessThan(5 / Math.sqrt(12 * n))
  expect(Math.abs(variance - 1 / 12)).toBeLessThan(5 / Math.sqrt(180 * n))
  expect(Math.abs(correlation)).toBeLessThan(5 / Math.sqrt(n))
})

test('normal draws have mean 0 and variance 1', () => {
  const draw = random('normal')
  const values = Array.from({ length: 20_000 }, draw.normal)
  const mean = values.reduce((a, b) => a + b, 0) / values.length
  expect(Math.abs(mean)).toBeLessThan(5 / Math.sqrt(values.length))
  expect(Math.abs(values.reduce((a, b) => a + b * b, 0) / values.length - 1)).toBeLessThan(5 * Math.sqrt(2 / values.length))
})

test('a permutation holds every number once', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 300 }), fc.integer(), (count, seed) => {
      expect(Array.from(permutation(count, seed)).sort((a, b) => a - b)).toEqual(Array.from({ length: count }, (_, i) => i))
    }),
  )
})

test('every order is as likely as the others', () => {
  const counts = new Map<string, number>()
  for (let i = 0; i < 6000; i++) {
    const order = shuffle(random('order', i), ['a', 'b', 'c']).join('')
    counts.set(order, (counts.get(order) ?? 0) + 1)
  }
  expect(counts.size).toBe(6)
  for (const count of counts.values()) expect(Math.abs(count - 1000)).toBeLessThan(5 * Math.sqrt(1000))
})
