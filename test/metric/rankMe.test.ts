import { expect, test } from 'vitest'
import { random } from '../../src/base/random'
import { rankMe } from '../../src/metric/rankMe'

test('features that use directions alike have their number as rank', () => {
  expect(rankMe(Float32Array.of(2, 0, 0, 0, 0, 2, 0, 0, 0, 0, 2, 0), 4)).toBeCloseTo(3, 6)
})

test('singular values 3 and 1 make exp of the entropy of 3/4 and 1/4', () => {
  expect(rankMe(Float32Array.of(3, 0, 0, 1), 2)).toBeCloseTo(Math.exp(-0.75 * Math.log(0.75) - 0.25 * Math.log(0.25)), 6)
})

test('features that are all the same have rank 1, whatever their length', () => {
  const one = Array.from({ length: 6 }, (_, i) => Math.sin(i + 1))
  expect(rankMe(Float32Array.from([1, 2, -3, 4].flatMap((length) => one.map((value) => length * value))), 6)).toBeCloseTo(1, 3)
})

test('it is the same for more rows than columns and for fewer, and not larger than either', () => {
  const draw = random('rank')
  const [rows, width] = [12, 5]
  const tall = Float32Array.from({ length: rows * width }, draw.normal)
  const wide = Float32Array.from({ length: rows * width }, (_, i) => tall[(i % rows) * width + Math.floor(i / rows)]!)
  expect(rankMe(tall, width)).toBeCloseTo(rankMe(wide, rows), 5)
  expect(rankMe(tall, width)).toBeGreaterThan(4)
  expect(rankMe(tall, width)).toBeLessThan(5)
})

test('zeros have none', () => {
  expect(rankMe(new Float32Array(8), 4)).toBeNaN()
})
