/** Taking from places and adding in places, lowered and run, against numbers worked out by hand. */
import { describe, test } from 'vitest'
import { withoutPlugin } from '../plugin'
import { bfloat, bool, type Case, expectCases, float, int, type Numbers } from './lowering'

const { NaN: none, POSITIVE_INFINITY: infinite } = Number

const X = float([1, 2, 3, 4, 5, none], [2, 3])

describe.skipIf(withoutPlugin)('gathering and scattering by XLA', () => {
  test('GatherV2', () => {
    const gather = (x: Numbers, indices: Numbers, axis: number, gives: Numbers, batch = 0): Case => ({
      type: 'GatherV2',
      inputs: [x, indices, int([axis], [])],
      fixed: [2],
      attributes: { batch_dims: { int: batch } },
      gives: [gives],
    })
    return expectCases([
      gather(X, int([1, 0, 1]), 0, float([4, 5, none, 1, 2, 3, 4, 5, none], [3, 3])),
      gather(X, int([2, 0], [1, 2]), -1, float([3, 1, none, 4], [2, 1, 2])),
      gather(X, int([1], []), 1, float([2, 5])),
      gather(X, int([1], []), 0, float([4, 5, none])),
      gather(X, int([], [0]), 0, float([], [0, 3])),
      gather(X, int([2, 1, 0, 0], [2, 2]), 1, float([3, 2, 4, 4], [2, 2]), 1),
      gather(X, int([2, 0], [2]), 1, float([3, 4], [2]), 1),
      gather(int([1, 2, 3, 4, 5, 6, 7, 8], [2, 2, 2]), int([1, 0], [2, 1]), 1, int([3, 4, 5, 6], [2, 1, 2]), 1),
      gather(int([1, 2, 3, 4, 5, 6, 7, 8], [2, 2, 2]), int([1, 0], [2, 1]), 2, int([2, 4, 5, 7], [2, 2, 1]), 1),
      gather(int([1, 2, 3, 4], [2, 2]), int([1, 0, 0, 1], [2, 2]), -1, int([2, 1, 3, 4], [2, 2]), -1),
      gather(bool([1, 0]), int([1, 0, 0]), 0, bool([0, 1, 1])),
      gather(bfloat([1, 2]), int([1]), 0, bfloat([2])),
    ])
  })

  test('GatherNd', () => {
    const gather = (x: Numbers, indices: Numbers, gives: Numbers): Case => ({
      type: 'GatherNd',
      inputs: [x, indices],
      gives: [gives],
    })
    return expectCases([
      gather(X, int([1, 2, 0, 0], [2, 2]), float([none, 1])),
      gather(X, int([1, 0], [2, 1]), float([4, 5, none, 1, 2, 3], [2, 3])),
      gather(X, int([1, 1], [2]), float([5], [])),
      gather(X, int([1], [1]), float([4, 5, none])),
      gather(X, int([0, 1, 1, 0], [2, 1, 2]), float([2, 4], [2, 1])),
      gather(X, int([], [2, 0]), float([...X.values, ...X.values], [2, 2, 3])),
    ])
  })

  test('ScatterNd adds what falls in one place', () => {
    const scatter = (indices: Numbers, updates: Numbers, gives: Numbers): Case => ({
      type: 'ScatterNd',
      inputs: [indices, updates, int(gives.shape)],
      fixed: [2],
      gives: [gives],
    })
    return expectCases([
      scatter(int([1, 3, 1], [3, 1]), float([1, 2, 10]), float([0, 11, 0, 2])),
      scatter(int([1, 1], [2, 1]), float([1, 2, 3, none], [2, 2]), float([0, 0, 4, none, 0, 0], [3, 2])),
      scatter(int([0, 1, 1, 0, 0, 1], [3, 2]), float([1, infinite, 2]), float([0, 3, infinite, 0], [2, 2])),
      scatter(int([1], [1, 1]), int([5, 6], [1, 2]), int([0, 0, 5, 6], [2, 2])),
      scatter(int([1, 0], [2]), float([7], []), float([0, 0, 7, 0], [2, 2])),
      scatter(int([0, 1, 1, 0], [2, 2, 1]), float([1, 2, 3, 4], [2, 2]), float([5, 5])),
      scatter(int([], [0, 1]), float([], [0, 2]), float([0, 0], [1, 2])),
    ])
  })

  test('UnsortedSegmentSum leaves out what belongs to none', () => {
    const sum = (rows: Numbers, numbers: Numbers, gives: Numbers): Case => ({
      type: 'UnsortedSegmentSum',
      inputs: [rows, numbers, int([gives.shape[0]!], [])],
      fixed: [2],
      gives: [gives],
    })
    return expectCases([
      sum(float([1, 2, 3, 4, 5, 6], [3, 2]), int([1, -1, 1]), float([0, 0, 6, 8, 0, 0], [3, 2])),
      sum(float([1, 2, none, 4], [2, 2]), int([0, 1, 1, 0], [2, 2]), float([5, none])),
      sum(int([1, 2, 3]), int([2, 2, 0]), int([3, 0, 3])),
      sum(float([], [0, 2]), int([], [0]), float([0, 0], [1, 2])),
    ])
  })
})
