/** What features show, on values worked out by hand and by laws. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { random, shuffle } from '../../src/base/random'
import { heatMap, loadViridis, stretched } from '../../src/view/colors'
import { componentColors, type FeatureRows, matchesOf, outsideOfMass, patternsOf, rowsOf } from '../../src/view/features'

const rows = (values: readonly (readonly number[])[]): FeatureRows => ({
  values: Float32Array.from(values.flat()),
  width: values[0]!.length,
})

describe('the patches that hold a share of the attention', () => {
  test('are the most attended ones, as few as it takes', () => {
    expect(Array.from(outsideOfMass([0.1, 0.4, 0.2, 0.3], 0.6))).toEqual([1, 0, 1, 0])
    expect(Array.from(outsideOfMass([0.1, 0.4, 0.2, 0.3], 0.75))).toEqual([1, 0, 0, 0])
    expect(Array.from(outsideOfMass([0.1, 0.4, 0.2, 0.3], 1))).toEqual([0, 0, 0, 0])
  })

  test('hold at least that share, and without the least of them they would not', () => {
    const attention = fc.array(fc.integer({ min: 1, max: 1000 }), { minLength: 1, maxLength: 50 })
    fc.assert(
      fc.property(attention, fc.double({ min: 0.01, max: 0.99, noNaN: true }), (values, mass) => {
        const outside = outsideOfMass(values, mass)
        const inside = values.filter((_, i) => outside[i] === 0)
        const held = inside.reduce((a, b) => a + b, 0)
        const total = values.reduce((a, b) => a + b, 0)
        expect(held).toBeGreaterThanOrEqual(mass * total)
        expect(held - Math.min(...inside)).toBeLessThan(mass * total)
      }),
    )
  })
})

test('components are red, green and blue in the order of what they explain, whichever way the features are turned', () => {
  // Three independent coordinates of which the first spreads widest, turned by a rotation within five features.
  const draw = random('components')
  const points = Array.from({ length: 200 }, () => [9 * draw.normal(), 3 * draw.normal(), draw.normal()] as const)
  const basis = [
    [0.6, 0.8, 0, 0, 0],
    [0, 0, 1, 0, 0],
    [0, 0, 0, 0.28, 0.96],
  ]
  const features = points.map((point) =>
    Array.from({ length: 5 }, (_, i) => 7 + point.reduce((sum, x, k) => sum + x * basis[k]![i]!, 0)),
  )
  const colors = componentColors(rows(features))
  for (const channel of [0, 1, 2] as const) {
    const wanted = stretched(points.map((point) => point[channel]))
    const off = colors.map((color, i) => Math.abs(color[channel] / 255 - wanted[i]!))
    expect(Math.max(...off)).toBeLessThan(0.12)
    expect(Math.min(...colors.map((color) => color[channel]))).toBe(0)
    expect(Math.max(...colors.map((color) => color[channel]))).toBe(255)
  }
})

test('two rows have one component, and the other colours stay dark', () => {
  expect(
    componentColors(
      rows([
        [0, 0],
        [0, 2],
      ]),
    ),
  ).toEqual([
    [0, 0, 0],
    [255, 0, 0],
  ])
})

describe('matches', () => {
  test('of the same patches in another order are that order, whatever their lengths', () => {
    const draw = random('matches')
    const features = Array.from({ length: 30 }, () => Array.from({ length: 8 }, () => draw.normal()))
    const order = shuffle(
      draw,
      Array.from({ length: 30 }, (_, i) => i),
    )
    const moved = order.map((i) => features[i]!.map((x) => x * (1 + i)))
    const matches = matchesOf(rows(features), rows(moved), 30)
    expect(matches).toHaveLength(30)
    for (const { from, to, similarity } of matches) {
      expect(order[to]).toBe(from)
      expect(similarity).toBeCloseTo(1, 5)
    }
  })

  test('are mutual, best first, and no more than asked for', () => {
    const a = rows([
      [1, 0],
      [0.9, 0.1],
      [0, 1],
    ])
    const b = rows([
      [1, 0],
      [0.6, 0.8],
    ])
    // The second patch's nearest is taken by the first.
    expect(matchesOf(a, b, 9).map(({ from, to }) => [from, to])).toEqual([
      [0, 0],
      [2, 1],
    ])
    expect(matchesOf(a, b, 1)).toHaveLength(1)
  })
})

test('prototypes are those with most patches; of a picture only the nearest patch is shown', () => {
  const one = rows([
    [3, 0, 1],
    [5, 0, 1],
    [0, 2, 1],
  ])
  const other = rows([
    [4, 0, 1],
    [0, 1, 0],
    [0, 0, 9],
  ])
  expect(patternsOf([one, other], 2, 5)).toEqual([
    {
      prototype: 0,
      uses: 3,
      nearest: [
        { picture: 0, patch: 1, logit: 5 },
        { picture: 1, patch: 0, logit: 4 },
      ],
    },
    {
      prototype: 1,
      uses: 2,
      nearest: [
        { picture: 0, patch: 2, logit: 2 },
        { picture: 1, patch: 1, logit: 1 },
      ],
    },
  ])
})

test('features of no width are no rows: there is nothing to find, and no search without an end', () => {
  const nothing: FeatureRows = { values: new Float32Array(0), width: 0 }
  const odd: FeatureRows = { values: new Float32Array(6), width: 0 }
  for (const none of [nothing, odd]) {
    expect(rowsOf(none)).toEqual([])
    expect(patternsOf([none, none], 8, 8)).toEqual([])
    expect(matchesOf(none, none, 4)).toEqual([])
    expect(componentColors(none)).toEqual([])
  }
})

test('a single row has no components', () => {
  expect(componentColors(rows([[3, 4, 5]]))).toEqual([[0, 0, 0]])
})

test('a heat map goes from the least to the largest value in the colours of viridis', async () => {
  const viridis = await loadViridis()
  const { data } = heatMap([2, 4, 3, 2], { height: 2, width: 2 }, viridis)
  // The ends of matplotlib's viridis.
  expect(Array.from(data.subarray(0, 6))).toEqual([0x44, 0x01, 0x54, 0xfd, 0xe7, 0x25])
  expect(data.subarray(9)).toEqual(data.subarray(0, 3))
})
