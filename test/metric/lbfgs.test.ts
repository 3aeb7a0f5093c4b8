import fc from 'fast-check'
import { expect, test } from 'vitest'
import { random } from '../../src/base/random'
import { type Evaluation, lbfgs, type Minimum, together } from '../../src/metric/lbfgs'

type Function = (point: Float64Array) => Evaluation

const minimum = async (f: Function, start: readonly number[], iterations = 500): Promise<Minimum> => {
  const [found] = await together([lbfgs(Float64Array.from(start), { iterations, tolerance: 1e-6 })], async (asked) =>
    asked.map(({ point }) => f(point)),
  )
  return found!
}

const rosenbrock: Function = ([x, y]) => {
  const [a, b] = [x!, y!]
  return {
    value: (1 - a) ** 2 + 100 * (b - a * a) ** 2,
    gradient: Float64Array.of(-2 * (1 - a) - 400 * a * (b - a * a), 200 * (b - a * a)),
  }
}

/** Σ scaleᵢ (xᵢ - targetᵢ)² / 2. */
const quadratic =
  (scales: readonly number[], targets: readonly number[]): Function =>
  (point) => ({
    value: scales.reduce((sum, scale, i) => sum + (scale * (point[i]! - targets[i]!) ** 2) / 2, 0),
    gradient: Float64Array.from(scales, (scale, i) => scale * (point[i]! - targets[i]!)),
  })

test('the valley of Rosenbrock is followed to its end', async () => {
  const { point, converged, iterations } = await minimum(rosenbrock, [-1.2, 1])
  expect(converged).toBe(true)
  expect([...point]).toEqual([expect.closeTo(1, 5), expect.closeTo(1, 5)])
  expect(iterations).toBeLessThan(60)
})

test('the minimum of a quadratic function is where its gradient vanishes', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(fc.double({ min: 0.01, max: 100, noNaN: true }), fc.double({ min: -5, max: 5, noNaN: true })), {
        minLength: 1,
        maxLength: 8,
      }),
      async (pairs) => {
        const [scales, targets] = [pairs.map(([scale]) => scale), pairs.map(([, target]) => target)]
        const { point, converged } = await minimum(
          quadratic(scales, targets),
          scales.map(() => 0),
        )
        expect(converged).toBe(true)
        for (const [i, target] of targets.entries()) expect(Math.abs(point[i]! - target)).toBeLessThan(1e-6 / scales[i]! + 1e-9)
      },
    ),
    { numRuns: 50 },
  )
})

test('it ends at the limit of its steps, and where no step goes down, and says that it has not arrived', async () => {
  expect(await minimum(rosenbrock, [-1.2, 1], 3)).toMatchObject({ iterations: 3, converged: false })
  // A gradient that is none: no step goes down.
  const wrong: Function = ([x]) => ({ value: x! * x!, gradient: Float64Array.of(-2 * x! - 1) })
  expect(await minimum(wrong, [2])).toMatchObject({ converged: false })
})

test('rounding of the values to float32 does not keep it from the minimum', async () => {
  const draw = random('lbfgs')
  const scales = Array.from({ length: 20 }, () => 0.1 + draw.uniform())
  const targets = scales.map(() => draw.normal())
  const exact = quadratic(scales, targets)
  const rounded: Function = (point) => {
    const { value, gradient } = exact(point)
    return { value: Math.fround(1000 + value), gradient: gradient.map(Math.fround) }
  }
  const { point } = await minimum(
    rounded,
    scales.map(() => 0),
  )
  for (const [i, target] of targets.entries()) expect(point[i]).toBeCloseTo(target, 3)
})

test('several run at once as each does alone, and those that are done ask no more', async () => {
  const starts = [
    [-1.2, 1],
    [0.9, 0.9],
    [3, -2],
  ]
  const counts: number[] = []
  const options = { iterations: 500, tolerance: 1e-6 }
  const all = await together(
    starts.map((start) => lbfgs(Float64Array.from(start), options)),
    async (asked) => {
      counts.push(asked.length)
      return asked.map(({ point }) => rosenbrock(point))
    },
  )
  for (const [i, start] of starts.entries()) expect(all[i]).toEqual(await minimum(rosenbrock, start))
  expect(counts).toEqual(counts.toSorted((a, b) => b - a))
  expect(counts.at(-1)).toBe(1)
})
