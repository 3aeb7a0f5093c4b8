/** What small graphs cost, counted by hand. No library is needed: a graph here is a list. */
import { expect, test } from 'vitest'
import { costOf } from '../../src/graph/cost'
import { DTYPE } from '../../src/graph/dtype'
import type { Attributes, Operation, Value } from '../../src/graph/operation'
import type { OperationType } from '../../src/graph/types'

const op = (
  type: OperationType,
  inputs: readonly (Operation | Value)[],
  shapes: readonly (readonly number[])[],
  attributes: Attributes = {},
): Operation => ({
  index: 0,
  name: type,
  type,
  inputs: inputs.map((one) => ('of' in one ? one : { of: one, output: 0 })),
  attributes,
  outputs: shapes.map((shape) => ({ dtype: DTYPE.float32, shape })),
})
const input = (...shape: readonly number[]): Operation => op('Placeholder', [], [shape])
const unary = (type: OperationType, x: Operation): Operation => op(type, [x], [x.outputs[0]!.shape])
const variable = (...shape: readonly number[]): Operation => op('Variable', [], [shape])

test('a matrix product is two operations a number of the result and a summand', () => {
  const [a, b] = [input(5, 7), input(7, 3)]
  expect(costOf([a, b, op('MatMul', [a, b], [[5, 3]])], 1)).toEqual({
    operations: 1,
    flops: 2 * 5 * 7 * 3,
    moved: 0,
    peak: 4 * (35 + 21 + 15),
  })
  const turned = input(2, 7, 5)
  const batched = op('BatchMatMulV2', [turned, input(2, 7, 3)], [[2, 5, 3]], { adj_x: { bool: true } })
  expect(costOf([turned, batched.inputs[1]!.of, batched], 1).flops).toBe(2 * 2 * 5 * 7 * 3)
})

test('an unknown dimension counts as many as are expected', () => {
  const [a, b] = [input(-1, 7), input(7, 3)]
  const product = op('_FusedMatMul', [a, b], [[-1, 3]])
  expect(costOf([a, b, product], 10.5).flops).toBe(2 * 10.5 * 7 * 3)
  // A gradient sums over it.
  const gradient = op('MatMul', [a, product], [[7, 3]], { transpose_a: { bool: true } })
  expect(costOf([a, b, product, gradient], 10).flops).toBe(2 * (2 * 10 * 7 * 3))
})

test('everything else reads its inputs and writes its outputs', () => {
  const x = input(100)
  const cut = op('Reshape', [x], [[10, 10]])
  expect(costOf([x, cut, unary('Transpose', cut), op('Add', [x, x], [[100]])], 1).moved).toBe(4 * (200 + 300))
})

test('in a chain a value lives until its last use', () => {
  const x = input(100)
  const [a, b, c] = [unary('Transpose', x), unary('Transpose', x), unary('Transpose', x)]
  // Each is dropped at once.
  expect(costOf([x, a, b, c], 1).peak).toBe(400 + 400)
  // Two at a time, beside the input.
  const second = unary('Transpose', a)
  expect(costOf([x, a, second, unary('Transpose', second)], 1).peak).toBe(400 + 800)
  // The first lives to the end.
  expect(costOf([x, a, second, op('Pack', [a, second], [[2, 100]])], 1).peak).toBe(400 + 800 + 800)
})

test('elementwise operations write over what nobody else needs', () => {
  const x = input(100)
  const a = unary('Transpose', x)
  const b = unary('Exp', a)
  expect(costOf([x, a, b, unary('Sqrt', b)], 1).peak).toBe(400 + 400)
  // Inputs are not written over, nor what is needed later.
  expect(costOf([x, unary('Exp', x)], 1).peak).toBe(400 + 400)
  expect(costOf([x, a, b, op('Add', [a, b], [[100]])], 1).peak).toBe(400 + 800)
})

test('a view of a value keeps it alive and takes nothing', () => {
  const x = input(100)
  const a = unary('Transpose', x)
  const view = op('Reshape', [a], [[10, 10]])
  const axis = op('Const', [], [[]], { value: { tensor: { dtype: DTYPE.int32, shape: [], values: Int32Array.of(0) } } })
  const sizes = op('Const', [], [[2]], { value: { tensor: { dtype: DTYPE.int32, shape: [2], values: Int32Array.of(5, 5) } } })
  const parts = op(
    'SplitV',
    [view, sizes, axis],
    [
      [5, 10],
      [5, 10],
    ],
  )
  const b = unary('Transpose', x)
  const last = op('Pack', [{ of: parts, output: 1 }, b], [[150]])
  expect(costOf([x, axis, sizes, a, view, parts, b, last], 1).peak).toBe(400 + 4 + 8 + 400 + 400 + 600)
})

test('the next value of a variable takes the place of the last one', () => {
  const [v, held] = [variable(100), variable(50)]
  const next = unary('Transpose', v)
  const assign = op('Assign', [v, next], [])
  const after = op('Fill', [], [[100]])
  // The old value goes when the new one is there; what is made then has room in its place.
  expect(costOf([v, held, next, assign, after], 1).peak).toBe(200 + 800)
  expect(costOf([v, held, next, after], 1).peak).toBe(200 + 800)
})
