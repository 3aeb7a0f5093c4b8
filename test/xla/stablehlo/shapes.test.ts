/** Operations that move numbers, lowered and run, against numbers worked out by hand. */
import { describe, expect, test } from 'vitest'
import type { Attributes } from '../../../src/graph/operation'
import type { OperationType } from '../../../src/graph/types'
import { withoutPlugin } from '../plugin'
import { bfloat, bool, byte, type Case, computed, expectCases, float, int, type Numbers } from './lowering'

const { NaN: none, POSITIVE_INFINITY: infinite } = Number

/** An operation on the first input, the others known while lowering. */
const moved = (
  type: OperationType,
  [x, ...rest]: readonly Numbers[],
  gives: Numbers | readonly Numbers[],
  attributes: Attributes = {},
): Case => ({
  type,
  inputs: [x!, ...rest],
  fixed: rest.map((_, i) => i + 1),
  attributes,
  gives: Array.isArray(gives) ? gives : [gives as Numbers],
  within: 0,
})

const X = float([1, 2, 3, 4, 5, none], [2, 3])

describe.skipIf(withoutPlugin)('operations that move numbers, by XLA', () => {
  test('shapes of the same numbers', () =>
    expectCases([
      moved('Reshape', [X, int([3, -1])], float(X.values, [3, 2])),
      moved('Reshape', [float([7], [1, 1]), int([], [0])], float([7], [])),
      moved('Reshape', [float([], [0, 3]), int([3, 0])], float([], [3, 0])),
      moved('ExpandDims', [X, int([-1], [])], float(X.values, [2, 3, 1])),
      moved('Squeeze', [float([1, 2], [1, 2, 1])], float([1, 2])),
      moved('Transpose', [X, int([1, 0])], float([1, 4, 2, 5, 3, none], [3, 2])),
      moved('Transpose', [int([1, 2, 3, 4, 5, 6], [1, 2, 3]), int([2, 0, 1])], int([1, 4, 2, 5, 3, 6], [3, 1, 2])),
      moved('Transpose', [float([5], []), int([], [0])], float([5], [])),
    ]))

  test('pieces put together and taken apart', () =>
    expectCases([
      {
        type: 'ConcatV2',
        inputs: [float([1, 2], [2, 1]), X, float([], [2, 0]), int([-1], [])],
        fixed: [3],
        gives: [float([1, 1, 2, 3, 2, 4, 5, none], [2, 4])],
      },
      { type: 'ConcatV2', inputs: [bool([1]), bool([0, 1]), int([0], [])], fixed: [2], gives: [bool([1, 0, 1])] },
      { type: 'ConcatV2', inputs: [X, int([0], [])], fixed: [1], gives: [X] },
      { type: 'Pack', inputs: [int([1, 2]), int([3, 4])], attributes: { axis: { int: 0 } }, gives: [int([1, 2, 3, 4], [2, 2])] },
      { type: 'Pack', inputs: [int([1, 2]), int([3, 4])], attributes: { axis: { int: -1 } }, gives: [int([1, 3, 2, 4], [2, 2])] },
      { type: 'Pack', inputs: [float([1], []), float([2], [])], gives: [float([1, 2])] },
      moved('Unpack', [X], [float([1, 4]), float([2, 5]), float([3, none])], { axis: { int: -1 }, num: { int: 3 } }),
      moved('Unpack', [int([1, 2])], [int([1], []), int([2], [])], { axis: { int: 0 }, num: { int: 2 } }),
      moved(
        'SplitV',
        [X, int([1, 0, 2]), int([-1], [])],
        [float([1, 4], [2, 1]), float([], [2, 0]), float([2, 3, 5, none], [2, 2])],
      ),
      moved('SplitV', [X, int([1, -1]), int([0], [])], [float([1, 2, 3], [1, 3]), float([4, 5, none], [1, 3])]),
    ]))

  test('Slice, from a place that is known and from one that is not', async () => {
    await expectCases([
      moved('Slice', [X, int([1, 0]), int([1, -1])], float([4, 5, none], [1, 3])),
      moved('Slice', [X, int([0, 1]), int([2, 1])], float([2, 5], [2, 1])),
      moved('Slice', [X, int([2, 3]), int([0, 0])], float([], [0, 0])),
      { type: 'Slice', inputs: [X, int([1, 1]), int([1, 2])], fixed: [2], gives: [float([5, none], [1, 2])] },
      { type: 'Slice', inputs: [int([1, 2, 3]), int([2]), int([1])], fixed: [2], gives: [int([3])] },
    ])
  })

  test('StridedSlice', () => {
    const line = float([0, 1, 2, 3, 4, 5, 6])
    const taken = (
      x: Numbers,
      [begin, end, strides]: readonly (readonly number[])[],
      gives: Numbers,
      masks: Readonly<Record<string, number>> = {},
    ): Case =>
      moved(
        'StridedSlice',
        [x, int(begin!), int(end!), int(strides!)],
        gives,
        Object.fromEntries(
          ['begin_mask', 'end_mask', 'ellipsis_mask', 'new_axis_mask', 'shrink_axis_mask'].map((name) => [
            name,
            { int: masks[name] ?? 0 },
          ]),
        ),
      )
    return expectCases([
      taken(line, [[1], [6], [2]], float([1, 3, 5])),
      taken(line, [[1], [100], [3]], float([1, 4])),
      taken(line, [[-3], [-1], [1]], float([4, 5])),
      taken(line, [[5], [1], [-2]], float([5, 3])),
      taken(line, [[6], [-8], [-3]], float([6, 3, 0])),
      taken(line, [[5], [0], [-2]], float([5, 3, 1])),
      taken(line, [[0], [0], [-2]], float([6, 4, 2, 0]), { begin_mask: 1, end_mask: 1 }),
      taken(line, [[3], [1], [1]], float([], [0])),
      taken(line, [[3], [0], [1]], float([3, 4, 5, 6]), { end_mask: 1 }),
      taken(line, [[-2], [0], [1]], float([5], []), { shrink_axis_mask: 1 }),
      taken(
        X,
        [
          [0, 1],
          [0, 3],
          [1, 1],
        ],
        float([2, 3, 5, none], [2, 2]),
        { ellipsis_mask: 1 },
      ),
      taken(
        X,
        [
          [1, 0, 0],
          [2, 0, 2],
          [1, 1, 1],
        ],
        float([4, 5], [1, 1, 2]),
        { new_axis_mask: 2 },
      ),
      taken(
        X,
        [
          [0, 1],
          [0, 0],
          [1, 1],
        ],
        float([2, 5]),
        { ellipsis_mask: 1, shrink_axis_mask: 2 },
      ),
      taken(
        X,
        [
          [1, 0],
          [2, 0],
          [1, 1],
        ],
        float([4, 5, none], [3]),
        { shrink_axis_mask: 1, ellipsis_mask: 2 },
      ),
      taken(
        X,
        [
          [0, 0, 0],
          [0, 0, 1],
          [1, 1, 1],
        ],
        float([1, 4], [1, 2, 1]),
        { new_axis_mask: 1, ellipsis_mask: 2 },
      ),
      taken(X, [[1], [2], [1]], float([4, 5, none], [1, 3])),
      taken(
        int([1, 2, 3, 4], [2, 2]),
        [
          [1, 1],
          [0, 0],
          [-1, -1],
        ],
        int([4, 3, 2, 1], [2, 2]),
        { end_mask: 3 },
      ),
    ])
  })

  test('padding', () =>
    expectCases([
      moved(
        'PadV2',
        [float([1, 2], [1, 2]), int([1, 0, 0, 2], [2, 2]), float([none], [])],
        float([none, none, none, none, 1, 2, none, none], [2, 4]),
      ),
      moved('PadV2', [bool([1]), int([1, 1], [1, 2]), bool([0], [])], bool([0, 1, 0])),
      { type: 'PadV2', inputs: [int([1]), int([0, 1], [1, 2]), int([9], [])], fixed: [1], gives: [int([1, 9])] },
      moved('PadV2', [X, int([0, 0, 0, 0], [2, 2]), float([0], [])], X),
      moved('MirrorPad', [float([1, 2, 3]), int([2, 1], [1, 2])], float([3, 2, 1, 2, 3, 2]), { mode: { string: 'REFLECT' } }),
      moved('MirrorPad', [float([1, 2, 3]), int([2, 3], [1, 2])], float([2, 1, 1, 2, 3, 3, 2, 1]), {
        mode: { string: 'SYMMETRIC' },
      }),
      moved('MirrorPad', [int([1, 2, 3, 4], [2, 2]), int([1, 0, 0, 1], [2, 2])], int([3, 4, 3, 1, 2, 1, 3, 4, 3], [3, 3]), {
        mode: { string: 'REFLECT' },
      }),
    ]))

  test('copies', () =>
    expectCases([
      moved('Tile', [float([1, none], [1, 2]), int([2, 2])], float([1, none, 1, none, 1, none, 1, none], [2, 4])),
      moved('Tile', [int([1, 2], [2, 1]), int([1, 3])], int([1, 1, 1, 2, 2, 2], [2, 3])),
      moved('Tile', [int([1, 2]), int([0])], int([], [0])),
      moved('Tile', [int([1, 2]), int([1])], int([1, 2])),
      {
        type: 'Fill',
        inputs: [int([2, 2]), float([infinite], [])],
        fixed: [0],
        gives: [float([infinite, infinite, infinite, infinite], [2, 2])],
      },
      { type: 'Fill', inputs: [int([], [0]), bool([1], [])], fixed: [0, 1], gives: [bool([1], [])] },
    ]))

  test('Range', () =>
    expectCases([
      { type: 'Range', inputs: [int([3], []), int([12], []), int([4], [])], fixed: [0, 1, 2], gives: [int([3, 7, 11])] },
      { type: 'Range', inputs: [int([3], []), int([0], []), int([-1], [])], fixed: [0, 1, 2], gives: [int([3, 2, 1])] },
      {
        type: 'Range',
        inputs: [float([0], []), float([0.5], []), float([0.1], [])],
        fixed: [0, 1, 2],
        gives: [float([0, 0.1, 0.2, 0.3, 0.4])],
      },
      { type: 'Range', inputs: [int([5], []), int([5], []), int([1], [])], fixed: [1, 2], gives: [int([], [0])] },
    ]))

  test('OneHot', () => {
    const hot = (indices: Numbers, axis: number, gives: Numbers, on = float([2], []), off = float([-1], [])): Case => ({
      type: 'OneHot',
      inputs: [indices, int([3], []), on, off],
      fixed: [1, 2, 3],
      attributes: { axis: { int: axis } },
      gives: [gives],
    })
    return expectCases([
      hot(int([0, 2, -1, 3]), -1, float([2, -1, -1, -1, -1, 2, -1, -1, -1, -1, -1, -1], [4, 3])),
      hot(int([0, 2, -1, 3]), 0, float([2, -1, -1, -1, -1, -1, -1, -1, -1, 2, -1, -1], [3, 4])),
      hot(int([1], []), -1, float([-1, 2, -1])),
      hot(int([1, 0], [1, 2]), 1, float([-1, 2, 2, -1, -1, -1], [1, 3, 2])),
      hot(int([2]), -1, int([0, 0, 7], [1, 3]), int([7], []), int([0], [])),
      hot(int([2]), -1, float([none, none, infinite], [1, 3]), float([infinite], []), float([none], [])),
      hot(int([0]), -1, bool([1, 0, 0], [1, 3]), bool([1], []), bool([0], [])),
    ])
  })

  test('Size', () =>
    expectCases([
      { type: 'Size', inputs: [X], gives: [int([6], [])] },
      { type: 'Size', inputs: [float([], [0, 3])], gives: [int([0], [])] },
      { type: 'Size', inputs: [float([1], [])], gives: [int([1], [])] },
    ]))

  test('constants keep every bit', async () => {
    const many = [
      none,
      infinite,
      -infinite,
      -0,
      0,
      1e-45,
      -1e-38,
      3.4028235e38,
      0.1,
      1 / 3,
      1e7,
      123456.789,
      16777215,
      2 ** -20,
      1e-7,
      5e20,
    ]
    const cases = [
      float(many.slice(0, 12)),
      float(many, [4, 4]),
      ...many.map((value) => float([value], [])),
      float(
        Array.from({ length: 300 }, () => 0.1),
        [3, 100],
      ),
      float([], [0, 3]),
      int([2147483647, -2147483648, 0]),
      int(Array.from({ length: 40 }, (_, i) => i * 53687091 - 2147483648)),
      byte([0, 127, 128, 255]),
      byte(
        Array.from({ length: 256 }, (_, i) => i),
        [16, 16],
      ),
      bool([1, 0, 1], [1, 3]),
      bool(Array.from({ length: 33 }, (_, i) => (i % 3 === 0 ? 1 : 0))),
      bool(Array.from({ length: 33 }, () => 1)),
      bfloat([1, -infinite, none, 1.0078125]),
      bfloat(Array.from({ length: 20 }, (_, i) => i - 0.5)),
    ]
    const got = await computed((graph) => cases.map((one) => graph.constant(one)))
    expect(got).toEqual(
      cases.map(({ dtype, values }) => values.map((value) => (dtype === float([]).dtype ? Math.fround(value) : value))),
    )
  })
})
