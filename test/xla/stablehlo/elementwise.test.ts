/** Elementwise operations, lowered and run, against plain JavaScript. */
import { describe, expect, test } from 'vitest'
import { DTYPE } from '../../../src/graph/dtype'
import type { Attributes } from '../../../src/graph/operation'
import type { OperationType } from '../../../src/graph/types'
import { withoutPlugin } from '../plugin'
import { bfloat, bool, byte, type Case, computed, expectCases, float, int, type Numbers } from './lowering'

const { NaN: none, POSITIVE_INFINITY: infinite } = Number
const AWKWARD = [none, -infinite, infinite, -0, 0, 1e-30, -1e-30, 0.3, -0.3, 0.5, -0.5, 1, -1, 1.5, 2.5, -2.5, 3, -7.25, 40, -40]

/** Each number of awkward ones. */
const each = (type: OperationType, f: (x: number) => number, more: { within?: number; attributes?: Attributes } = {}): Case => ({
  type,
  inputs: [float(AWKWARD)],
  gives: [float(AWKWARD.map((x) => f(Math.fround(x))))],
  ...more,
})

/** All pairs of awkward numbers, by repeating: a column and a row. */
const pairs = (
  type: OperationType,
  f: (a: number, b: number) => number,
  { numbers = AWKWARD, make = float, gives = make, within }: Pairs = {},
): Case => ({
  type,
  inputs: [make(numbers, [numbers.length, 1]), make(numbers)],
  gives: [
    gives(
      numbers.flatMap((a) => numbers.map((b) => f(Math.fround(a), Math.fround(b)))),
      [numbers.length, numbers.length],
    ),
  ],
  ...(within === undefined ? {} : { within }),
})
interface Pairs {
  readonly numbers?: readonly number[]
  readonly make?: (values: readonly number[], shape?: readonly number[]) => Numbers
  readonly gives?: (values: readonly number[], shape?: readonly number[]) => Numbers
  readonly within?: number
}

const even = (x: number): number => {
  const low = Math.floor(x)
  if (x - low !== 0.5) return Math.round(x)
  return low % 2 === 0 ? low : low + 1
}

/** The error function, by its series and its continued fraction. */
const erf = (x: number): number => {
  if (Number.isNaN(x)) return x
  if (Math.abs(x) > 6) return Math.sign(x)
  let [sum, term] = [x, x]
  for (let n = 1; n < 200; n++) {
    term *= (-x * x) / n
    sum += term / (2 * n + 1)
  }
  return (2 / Math.sqrt(Math.PI)) * sum
}

const sign = (x: number): number => (x > 0 ? 1 : x < 0 ? -1 : x)
const floorMod = (a: number, b: number): number => {
  const rest = a % b
  return rest !== 0 && rest < 0 !== b < 0 ? rest + b : rest
}
const truth = (is: boolean): number => (is ? 1 : 0)

const INTEGERS = [7, -7, 6, -6, 1, -1, 3, -3, 2147483647, -2147483647]

describe.skipIf(withoutPlugin)('elementwise operations by XLA', () => {
  test('functions of one number', () =>
    expectCases([
      each('Abs', Math.abs),
      each('Acos', Math.acos),
      each('Acosh', Math.acosh),
      each('Asin', Math.asin),
      each('Asinh', Math.asinh),
      each('Atan', Math.atan),
      each('Atanh', Math.atanh),
      each('Ceil', Math.ceil),
      each('Cos', Math.cos),
      each('Cosh', Math.cosh, { within: 2e-6 }),
      each('Exp', Math.exp),
      each('Expm1', Math.expm1),
      each('Floor', Math.floor),
      each('Identity', (x) => x),
      each('Log', Math.log),
      each('Log1p', Math.log1p),
      each('Neg', (x) => -x),
      each('OnesLike', () => 1),
      each('Reciprocal', (x) => 1 / x),
      each('Round', even),
      each('Rsqrt', (x) => 1 / Math.sqrt(x)),
      each('Sigmoid', (x) => 1 / (1 + Math.exp(-x))),
      each('Sign', sign),
      each('Sin', Math.sin),
      each('Sinh', Math.sinh, { within: 2e-6 }),
      each('Sqrt', Math.sqrt),
      each('Square', (x) => x * x),
      each('Tan', Math.tan),
      each('Tanh', Math.tanh),
      each('ZerosLike', () => 0),
    ]))

  test('zeros keep their signs', async () => {
    const types = ['Neg', 'Round', 'Ceil', 'Sqrt', 'Identity', 'Sin', 'Floor'] as const
    const got = await computed((graph) => {
      const x = graph.feed(float([-0, 0]))
      return types.map((type) => graph.one(type, [x], float([0, 0])))
    })
    expect(got.map((values) => values.map((value) => Object.is(value, -0)))).toEqual(
      types.map((type) => (type === 'Neg' ? [false, true] : [true, false])),
    )
  })

  test('Erf is exact to a millionth', async () => {
    const numbers = Array.from({ length: 1601 }, (_, i) => (i - 800) / 200)
    await expectCases([
      { type: 'Erf', inputs: [float(numbers)], gives: [float(numbers.map((x) => erf(Math.fround(x))))] },
      each('Erf', erf),
    ])
  })

  test('activations', () =>
    expectCases([
      each('Elu', (x) => (x < 0 ? Math.expm1(x) : x)),
      each('Selu', (x) => (x < 0 ? 1.7580993408473766 * Math.expm1(x) : 1.0507009873554805 * x)),
      each('LeakyRelu', (x) => (x < 0 ? Math.fround(0.1) * x : x), { attributes: { alpha: { float: 0.1 } } }),
      each('LeakyRelu', (x) => (x < 0 ? 0.2 * x : x)),
      each('Relu', (x) => (Number.isNaN(x) ? x : Math.max(x, 0))),
      each('Relu6', (x) => (Number.isNaN(x) ? x : Math.min(Math.max(x, 0), 6))),
      each('Softplus', (x) => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)))),
      pairs('EluGrad', (dy, y) => (y < 0 ? dy * (y + 1) : dy), { numbers: [none, -1, -0.5, -0, 0, 2] }),
    ]))

  test('what is finite, infinite or no number', () => {
    const is = (type: OperationType, f: (x: number) => boolean): readonly Case[] => [
      { type, inputs: [float(AWKWARD)], gives: [bool(AWKWARD.map((x) => truth(f(x))))] },
      { type, inputs: [int([-5, 0, 5])], gives: [bool([-5, 0, 5].map((x) => truth(f(x))))] },
    ]
    return expectCases([
      ...is('IsFinite', Number.isFinite),
      ...is('IsInf', (x) => Math.abs(x) === infinite),
      ...is('IsNan', Number.isNaN),
    ])
  })

  test('functions of two floats', () =>
    expectCases([
      pairs('Add', (a, b) => a + b),
      pairs('AddV2', (a, b) => a + b),
      pairs('Atan2', Math.atan2),
      pairs('Div', (a, b) => a / b),
      pairs('DivNoNan', (a, b) => (b === 0 ? 0 : a / b)),
      pairs('FloorDiv', (a, b) => Math.floor(Math.fround(a / b))),
      pairs('FloorMod', floorMod),
      pairs('Maximum', Math.max),
      pairs('Minimum', Math.min),
      pairs('Mul', (a, b) => a * b),
      pairs('RealDiv', (a, b) => a / b),
      pairs('SquaredDifference', (a, b) => (a - b) ** 2),
      pairs('Sub', (a, b) => a - b),
    ]))

  test('powers of floats', async () => {
    // As C and IEEE 754 have it, and JavaScript has not: 1 to any power is 1.
    const power = (a: number, b: number): number => (a === 1 || (a === -1 && Math.abs(b) === infinite) ? 1 : a ** b)
    await expectCases([
      pairs('Pow', power, { numbers: [none, -infinite, infinite, -0, 0, 0.5, -0.5, 1, -1, 2, -3, 2.5], within: 2e-6 }),
    ])
  })

  test('functions of two integers', () => {
    const integers = { numbers: INTEGERS, make: int }
    const wrapped = (f: (a: number, b: number) => number) => (a: number, b: number) => f(a, b) | 0
    const exact = (type: OperationType, f: (a: number, b: number) => number): Case => ({
      type,
      inputs: [int(INTEGERS, [INTEGERS.length, 1]), int(INTEGERS)],
      gives: [
        int(
          INTEGERS.flatMap((a) => INTEGERS.map((b) => f(a, b))),
          [INTEGERS.length, INTEGERS.length],
        ),
      ],
      within: 0,
    })
    expect(integers.numbers).toHaveLength(10)
    return expectCases([
      exact(
        'Add',
        wrapped((a, b) => a + b),
      ),
      exact(
        'Sub',
        wrapped((a, b) => a - b),
      ),
      exact('Mul', Math.imul),
      exact('Div', (a, b) => Math.trunc(a / b)),
      exact('FloorDiv', (a, b) => Math.floor(a / b)),
      exact('FloorMod', floorMod),
      exact('Maximum', Math.max),
      exact('Minimum', Math.min),
      {
        type: 'Pow',
        inputs: [int([2, -2, 0, 3, -1, 7]), int([3, 3, 0, 20, 5, 0])],
        gives: [int([8, -8, 1, -808182895, -1, 1])],
        within: 0,
      },
      { type: 'Abs', inputs: [int([-3, 3, -2147483648])], gives: [int([3, 3, -2147483648])] },
      { type: 'Neg', inputs: [int([-3, 0, 3])], gives: [int([3, 0, -3])] },
      { type: 'Sign', inputs: [int([-3, 0, 3])], gives: [int([-1, 0, 1])] },
      { type: 'Square', inputs: [int([-3, 0, 46341])], gives: [int([9, 0, -2147479015])] },
      { type: 'Round', inputs: [int([-3, 3])], gives: [int([-3, 3])] },
      { type: 'Floor', inputs: [int([-3, 3])], gives: [int([-3, 3])] },
      { type: 'Ceil', inputs: [int([-3, 3])], gives: [int([-3, 3])] },
      { type: 'Abs', inputs: [byte([0, 255])], gives: [byte([0, 255])] },
      { type: 'Add', inputs: [byte([250, 3]), byte([10])], gives: [byte([4, 13])] },
    ])
  })

  test('sums of many', () =>
    expectCases([
      {
        type: 'AddN',
        inputs: [float([1, none, 3]), float([4, 5, infinite]), float([7, 8, -infinite])],
        gives: [float([12, none, none])],
      },
      { type: 'AddN', inputs: [int([1, 2])], gives: [int([1, 2])] },
    ]))

  test('comparisons', () => {
    const compared = (type: OperationType, f: (a: number, b: number) => boolean): readonly Case[] => [
      pairs(type, (a, b) => truth(f(a, b)), { gives: bool }),
      pairs(type, (a, b) => truth(f(a, b)), { numbers: [-3, 0, 5], make: int, gives: bool }),
      pairs(type, (a, b) => truth(f(a, b)), { numbers: [0, 5, 200], make: byte, gives: bool }),
      pairs(type, (a, b) => truth(f(a, b)), { numbers: [0, 1], make: bool }),
    ]
    return expectCases([
      ...compared('Equal', (a, b) => a === b),
      ...compared('NotEqual', (a, b) => a !== b),
      ...compared('Greater', (a, b) => a > b),
      ...compared('GreaterEqual', (a, b) => a >= b),
      ...compared('Less', (a, b) => a < b),
      ...compared('LessEqual', (a, b) => a <= b),
    ])
  })

  test('logic', () =>
    expectCases([
      pairs('LogicalAnd', (a, b) => a & b, { numbers: [0, 1], make: bool }),
      pairs('LogicalOr', (a, b) => a | b, { numbers: [0, 1], make: bool }),
      { type: 'LogicalNot', inputs: [bool([0, 1])], gives: [bool([1, 0])] },
    ]))

  test('casts', () => {
    const cast = (from: Numbers, to: Numbers): Case => ({
      type: 'Cast',
      inputs: [from],
      attributes: { SrcT: { type: from.dtype }, DstT: { type: to.dtype } },
      gives: [to],
      within: 0,
    })
    return expectCases([
      cast(float([1.9, -1.9, -0.5, 0.99, 16777217, -2147483648]), int([1, -1, 0, 0, 16777216, -2147483648])),
      cast(float([1.9, none, infinite, 0, -0, -0.1]), bool([1, 1, 1, 0, 0, 1])),
      cast(float([0, 1.9, 255.5]), byte([0, 1, 255])),
      cast(float([1, 1.00390625, 1.01171875, infinite]), bfloat([1, 1, 1.015625, infinite])),
      cast(float([none]), bfloat([none])),
      cast(bfloat([1, 0.5, -infinite, none]), float([1, 0.5, -infinite, none])),
      cast(bfloat([1.5, -2.5]), int([1, -2])),
      cast(int([0, 3, -3]), bool([0, 1, 1])),
      cast(int([0, 16777217, -3]), float([0, 16777216, -3])),
      cast(int([0, 255, 256, -1]), byte([0, 255, 0, 255])),
      cast(bool([0, 1]), int([0, 1])),
      cast(bool([0, 1]), float([0, 1])),
      cast(byte([0, 255]), int([0, 255])),
      cast(byte([0, 255]), float([0, 255])),
      cast(float([1.5]), float([1.5])),
    ])
  })

  test('Select takes each number, all, or rows', () => {
    const [a, b] = [float([1, none, 3, 4], [2, 2]), float([5, 6, infinite, 8], [2, 2])]
    return expectCases([
      { type: 'Select', inputs: [bool([1, 0, 0, 1], [2, 2]), a, b], gives: [float([1, 6, infinite, 4], [2, 2])] },
      { type: 'Select', inputs: [bool([0], []), a, b], gives: [b] },
      { type: 'Select', inputs: [bool([1, 0]), a, b], gives: [float([1, none, infinite, 8], [2, 2])] },
      { type: 'Select', inputs: [bool([1, 0]), int([1, 2]), int([3, 4])], gives: [int([1, 4])] },
    ])
  })

  test('shapes are repeated as in NumPy', () =>
    expectCases([
      {
        type: 'Add',
        inputs: [float([1, 2, 3, 4], [2, 1, 2]), float([10, 20], [2, 1])],
        gives: [float([11, 12, 21, 22, 13, 14, 23, 24], [2, 2, 2])],
      },
      { type: 'Sub', inputs: [float([1], []), float([1, 2, 3])], gives: [float([0, -1, -2])] },
      { type: 'Mul', inputs: [float([], [0, 2]), float([1, 2])], gives: [float([], [0, 2])] },
      { type: 'Maximum', inputs: [float([1], [1, 1]), float([0, 2], [2])], gives: [float([1, 2], [1, 2])] },
    ]))

  test('bfloat16', () =>
    expectCases([
      { type: 'Add', inputs: [bfloat([1, none]), bfloat([0.0078125, 1])], gives: [bfloat([1.0078125, none])] },
      { type: 'Exp', inputs: [bfloat([0, 1])], gives: [bfloat([1, 2.71875])] },
      { type: 'Greater', inputs: [bfloat([1, none]), bfloat([0.5, 1])], gives: [bool([1, 0])] },
    ]))

  test('what is defined for floats only refuses integers by name', async () => {
    const failing = computed((graph) => [graph.one('Exp', [graph.feed(int([1]))], { dtype: DTYPE.int32, shape: [1] })])
    await expect(failing).rejects.toMatchObject({ name: 'NotRecordable', operation: 'Exp' })
  })
})
