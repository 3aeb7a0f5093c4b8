import fc from 'fast-check'
import { expect, test } from 'vitest'
import { beta } from '../../src/base/beta'
import { random } from '../../src/base/random'

const DRAWS = 4000
const shape = fc.double({ min: 0.05, max: 20, noNaN: true })

test('draws have the mean and the variance of the distribution, and lie in [0, 1]', () => {
  fc.assert(
    fc.property(shape, shape, fc.nat(), (a, b, seed) => {
      const draw = random('beta', seed)
      const values = Array.from({ length: DRAWS }, () => beta(draw, a, b))
      expect(values.every((value) => value >= 0 && value <= 1)).toBe(true)
      const mean = a / (a + b)
      const variance = (a * b) / ((a + b) ** 2 * (a + b + 1))
      const found = values.reduce((sum, value) => sum + value, 0) / DRAWS
      const squares = values.map((value) => (value - mean) ** 2)
      const spread = squares.reduce((sum, value) => sum + value, 0) / DRAWS
      const noise = Math.sqrt(squares.reduce((sum, value) => sum + (value - spread) ** 2, 0)) / DRAWS
      expect(Math.abs(found - mean)).toBeLessThan(6 * Math.sqrt(variance / DRAWS))
      expect(Math.abs(spread - variance)).toBeLessThan(6 * noise + 1e-3 * variance)
    }),
    { numRuns: 30, seed: 1 },
  )
})

test('tiny shapes give numbers, of which nearly all are next to 0 or 1', () => {
  const draw = random('tiny')
  const values = Array.from({ length: 200 }, () => beta(draw, 1e-4, 1e-4))
  expect(values.every((value) => value >= 0 && value <= 1)).toBe(true)
  expect(values.filter((value) => value < 1e-9 || value > 1 - 1e-9).length).toBeGreaterThan(190)
})

test('the same key gives the same draws', () => {
  const three = () => {
    const draw = random(7, 'mixing', 3)
    return [beta(draw, 0.8, 0.8), beta(draw, 1, 1), beta(draw, 0.8, 1)]
  }
  expect(three()).toEqual(three())
})
