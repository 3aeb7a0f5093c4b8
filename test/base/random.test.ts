import fc from 'fast-check'
import { expect, test } from 'vitest'
import { philox, writeBlocks } from '../../src/base/philox'
import { fillUniform, permutation, random, shuffle } from '../../src/base/random'

const hex = (words: readonly number[]): string => words.map((word) => word.toString(16).padStart(8, '0')).join(' ')

test('philox gives the known answers of Random123', () => {
  const ones = 0xffffffff
  expect(hex(philox([0, 0, 0, 0], [0, 0]))).toBe('6627e8d5 e169c58d bc57ac4c 9b00dbd8')
  expect(hex(philox([ones, ones, ones, ones], [ones, ones]))).toBe('408f276d 41c83b0e a20bc7c6 6d5451fd')
  expect(hex(philox([0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344], [0xa4093822, 0x299f31d0]))).toBe(
    'd16cfe09 94fdcceb 5001e420 24126ea1',
  )
})

test('philox is what the paper defines, for any counter and key', () => {
  const word = fc.integer({ min: 0, max: 0xffffffff })
  const defined = (counter: readonly number[], key: readonly number[]): number[] => {
    let [c0, c1, c2, c3] = counter.map(BigInt) as [bigint, bigint, bigint, bigint]
    let [k0, k1] = key.map(BigInt) as [bigint, bigint]
    for (let round = 0; round < 10; round++) {
      const [one, two] = [0xd2511f53n * c0, 0xcd9e8d57n * c2]
      ;[c0, c1, c2, c3] = [(two >> 32n) ^ c1 ^ k0, two & 0xffffffffn, (one >> 32n) ^ c3 ^ k1, one & 0xffffffffn]
      k0 = (k0 + 0x9e3779b9n) & 0xffffffffn
      k1 = (k1 + 0xbb67ae85n) & 0xffffffffn
    }
    return [c0, c1, c2, c3].map(Number)
  }
  fc.assert(
    fc.property(fc.tuple(word, word, word, word), fc.tuple(word, word), (counter, key) => {
      expect(philox(counter, key)).toEqual(defined(counter, key))
    }),
  )
})

test('blocks written at once are those of one counter after the other, beyond its first word too', () => {
  const words = new Uint32Array(12)
  writeBlocks(words, [0xffffffff, 6, 8, 9], [4, 5])
  expect([...words]).toEqual(
    [philox([0xffffffff, 6, 8, 9], [4, 5]), philox([0, 7, 8, 9], [4, 5]), philox([1, 7, 8, 9], [4, 5])].flat(),
  )
})

test.each([0, 1, 5, 1024, 3001])('%i uniform draws at once are those made one by one', (count) => {
  const draw = random('many', count)
  const expected = Float32Array.from({ length: count }, () => 2 * draw.uniform() - 1)
  expect(fillUniform(new Float32Array(count), (u) => 2 * u - 1, 'many', count)).toEqual(expected)
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
