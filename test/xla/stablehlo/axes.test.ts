/** Operations along axes, lowered and run, against numbers worked out by hand. */
import { describe, expect, test } from 'vitest'
import type { Attributes } from '../../../src/graph/operation'
import type { OperationType } from '../../../src/graph/types'
import { withoutPlugin } from '../plugin'
import { bfloat, bool, byte, type Case, computed, expectCases, expectNumbers, float, int, type Numbers } from './lowering'

const { NaN: none, POSITIVE_INFINITY: infinite } = Number

const along = (
  type: OperationType,
  x: Numbers,
  axes: Numbers,
  gives: Numbers | readonly Numbers[],
  attributes: Attributes = {},
): Case => ({
  type,
  inputs: [x, axes],
  fixed: [1],
  attributes,
  gives: Array.isArray(gives) ? gives : [gives as Numbers],
})
const KEPT = { keep_dims: { bool: true } }

describe.skipIf(withoutPlugin)('operations along axes by XLA', () => {
  test('sums and products', () => {
    const x = float([1, none, 2, 5, 3, 4], [2, 3])
    const y = float([1, 2, 3, 4, 5, 6, 7, 8], [2, 2, 2])
    const n = int([7, -4, -6, 1, 2, 5], [2, 3])
    return expectCases([
      along('Sum', x, int([-1]), float([none, 12])),
      along('Sum', x, int([1]), float([none, 12], [2, 1]), KEPT),
      along('Sum', y, int([0, -1]), float([14, 22])),
      along('Sum', y, int([1], []), float([4, 6, 12, 14], [2, 2])),
      along('Sum', y, int([0, 1, 2]), float([36], [])),
      along('Sum', y, int([]), y),
      along('Sum', n, int([0]), int([8, -2, -1])),
      along('Sum', float([], [2, 0]), int([1]), float([0, 0])),
      along('Sum', float([infinite, -infinite, infinite, 1], [2, 2]), int([1]), float([none, infinite])),
      along('Prod', x, int([-1]), float([none, 60])),
      along('Prod', n, int([1]), int([168, 10])),
      along('Prod', float([], [2, 0]), int([1]), float([1, 1])),
      along('Mean', x, int([-1]), float([none, 4])),
      along('Mean', y, int([0, 1]), float([4, 5], [1, 1, 2]), KEPT),
      along('Mean', n, int([1]), int([-1, 2])),
      along('Mean', float([], [2, 0]), int([1]), float([none, none])),
      along('Mean', y, int([]), y),
    ])
  })

  test('sums of many bfloat16 are exact to bfloat16', async () => {
    const ones = Array.from({ length: 4096 }, () => 1)
    await expectCases([
      along('Sum', bfloat(ones), int([0]), bfloat([4096], [])),
      along('Mean', bfloat(ones), int([0]), bfloat([1], [])),
      along('Cumsum', bfloat(ones), int([0], []), bfloat(ones.map((_, i) => nearest(i + 1)))),
    ])
  })

  test('largest and smallest', () => {
    const x = float([1, none, 2, -5, -infinite, 4], [2, 3])
    return expectCases([
      along('Max', x, int([1]), float([none, 4])),
      along('Min', x, int([1]), float([none, -infinite])),
      along('Max', x, int([0]), float([1, none, 4], [1, 3]), KEPT),
      along('Max', float([], [2, 0]), int([1]), float([-infinite, -infinite])),
      along('Min', float([], [2, 0]), int([1]), float([infinite, infinite])),
      along('Max', int([7, -4, -6, -1], [2, 2]), int([-1]), int([7, -1])),
      along('Min', int([7, -4, -6, -1], [2, 2]), int([0]), int([-6, -4])),
      along('Max', int([], [2, 0]), int([1]), int([-2147483648, -2147483648])),
      along('Min', int([], [2, 0]), int([1]), int([2147483647, 2147483647])),
      along('Max', byte([3, 250], [2]), int([0]), byte([250], [])),
    ])
  })

  test('truth of all and any', () =>
    expectCases([
      along('All', bool([1, 0, 1, 1], [2, 2]), int([1]), bool([0, 1])),
      along('Any', bool([1, 0, 0, 0], [2, 2]), int([1]), bool([1, 0], [2, 1]), KEPT),
      along('All', bool([], [2, 0]), int([1]), bool([1, 1])),
      along('Any', bool([], [2, 0]), int([1]), bool([0, 0])),
    ]))

  test('places of the largest and the smallest: the first of equals, past what is no number', () => {
    const x = float(
      [
        1,
        none,
        2,
        none,
        3,
        4,
        5,
        5,
        1,
        1,
        5,
        none,
        -infinite,
        -infinite,
        -infinite,
        none,
        none,
        none,
        -0,
        0,
        -0,
        infinite,
        2,
        none,
      ],
      [8, 3],
    )
    return expectCases([
      along('ArgMax', x, int([1], []), int([2, 2, 0, 1, 0, 0, 0, 0])),
      along('ArgMin', x, int([-1], []), int([0, 1, 2, 0, 0, 0, 0, 1])),
      along('ArgMax', x, int([0], []), int([7, 2, 1])),
      along('ArgMax', int([3, 3, -1, 7], [2, 2]), int([1], []), int([0, 1])),
      along('ArgMin', int([2147483647, 2147483647], [2]), int([0], []), int([0], [])),
      along('ArgMax', byte([3, 250, 4], [3]), int([0], []), int([1], [])),
    ])
  })

  test('cumulative sums and products', () => {
    const option = (exclusive: boolean, reverse: boolean) => ({ exclusive: { bool: exclusive }, reverse: { bool: reverse } })
    const x = float([1, 2, 3, 4, 5, 6, 7])
    const y = float([1, 2, 3, 4, 5, 6], [2, 3])
    return expectCases([
      along('Cumsum', x, int([0], []), float([1, 3, 6, 10, 15, 21, 28])),
      along('Cumsum', x, int([-1], []), float([0, 1, 3, 6, 10, 15, 21]), option(true, false)),
      along('Cumsum', x, int([0], []), float([28, 27, 25, 22, 18, 13, 7]), option(false, true)),
      along('Cumsum', x, int([0], []), float([27, 25, 22, 18, 13, 7, 0]), option(true, true)),
      along('Cumsum', float([1, 2, none, 4, infinite]), int([0], []), float([1, 3, none, none, none])),
      along('Cumsum', y, int([0], []), float([1, 2, 3, 5, 7, 9], [2, 3])),
      along('Cumsum', int([1, 2, 3]), int([0], []), int([1, 3, 6])),
      along('Cumsum', float([], [0, 2]), int([0], []), float([], [0, 2]), option(true, false)),
      along('Cumprod', x, int([0], []), float([1, 2, 6, 24, 120, 720, 5040])),
      along('Cumprod', y, int([1], []), float([1, 1, 2, 1, 4, 20], [2, 3]), option(true, false)),
      along('Cumprod', float([2, 0, infinite, 3]), int([0], []), float([2, 0, none, none])),
      along('Cumprod', int([2, 3, -4]), int([0], []), int([-24, -12, -4]), option(false, true)),
    ])
  })

  test('Softmax', () => {
    const shares = (row: readonly number[]): readonly number[] => {
      const powers = row.map((x) => Math.exp(x - Math.max(...row)))
      const sum = powers.reduce((a, b) => a + b, 0)
      return powers.map((power) => power / sum)
    }
    const rows = [
      [1, 2, 3],
      [1000, 1001, -infinite],
      [-3e38, 0, 3e38],
      [0, 0, 0],
      [none, 1, 2],
    ]
    return expectCases([
      { type: 'Softmax', inputs: [float(rows.flat(), [5, 3])], gives: [float(rows.flatMap(shares), [5, 3])] },
      { type: 'Softmax', inputs: [float([-5, -5])], gives: [float([0.5, 0.5])] },
      { type: 'Softmax', inputs: [bfloat([1, 1, 1, 1], [1, 4])], gives: [bfloat([0.25, 0.25, 0.25, 0.25], [1, 4])] },
    ])
  })

  test('TopKV2 gives the first of equals first', async () => {
    const top = (x: Numbers, k: number, values: Numbers, places: Numbers): Case => ({
      type: 'TopKV2',
      inputs: [x, int([k], [])],
      fixed: [1],
      gives: [values, places],
    })
    await expectCases([
      top(
        float([1, 4, 2, 4, -infinite, infinite, -0, 0]),
        8,
        float([infinite, 4, 4, 2, 1, 0, 0, -infinite]),
        int([5, 1, 3, 2, 0, 6, 7, 4]),
      ),
      top(float([1, 2, 3, 6, 5, 4], [2, 3]), 2, float([3, 2, 6, 5], [2, 2]), int([2, 1, 0, 1], [2, 2])),
      top(int([3, 9, 3, -2]), 3, int([9, 3, 3]), int([1, 0, 2])),
      top(float([7, 7, 7]), 1, float([7]), int([0])),
    ])
    const [places] = await computed((graph) => {
      const x = graph.feed(float(Array.from({ length: 5000 }, (_, i) => i % 7)))
      const made = graph.add('TopKV2', [x, graph.constant(int([20], []))], [float([], [20]), int([], [20])])
      return [{ of: made, output: 1 }]
    })
    expectNumbers(
      places!,
      Array.from({ length: 20 }, (_, i) => 7 * i + 6),
    )
    expect(places).toHaveLength(20)
  })

  test('ReverseV2', () =>
    expectCases([
      along('ReverseV2', float([1, 2, 3, 4, 5, none], [2, 3]), int([-1]), float([3, 2, 1, none, 5, 4], [2, 3])),
      along('ReverseV2', float([1, 2, 3, 4], [2, 2]), int([0, 1]), float([4, 3, 2, 1], [2, 2])),
      along('ReverseV2', int([1, 2]), int([]), int([1, 2])),
      along('ReverseV2', bool([1, 0]), int([0]), bool([0, 1])),
    ]))
})

/** An integer as bfloat16 has it: eight bits, ties to even. */
const nearest = (x: number): number => {
  const step = 2 ** Math.max(0, Math.floor(Math.log2(x)) - 7)
  const [low, rest] = [Math.floor(x / step), (x / step) % 1]
  return step * (rest > 0.5 || (rest === 0.5 && low % 2 === 1) ? low + 1 : low)
}
