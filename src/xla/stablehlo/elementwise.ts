/** Operations that make each number of numbers in the same place. */
import { NotRecordable } from '../../base/engineError'
import { float } from '../../graph/attributes'
import { DTYPE } from '../../graph/dtype'
import type { OperationType } from '../../graph/types'
import type { Block, Term } from './block'
import { type Binary, binary, broadcast, compare, convert, type Direction, like, select, type Unary, unary } from './instructions'
import { type Lowering, ofOne, ofTwo } from './lowering'
import { isFloating } from './type'

const add = (block: Block, a: Term, b: Term): Term => binary(block, 'add', a, b)
const subtract = (block: Block, a: Term, b: Term): Term => binary(block, 'subtract', a, b)
const multiply = (block: Block, a: Term, b: Term): Term => binary(block, 'multiply', a, b)
const divide = (block: Block, a: Term, b: Term): Term => binary(block, 'divide', a, b)
const times = (block: Block, factor: number, x: Term): Term => multiply(block, x, like(block, x, factor))
const isNegative = (block: Block, x: Term): Term => compare(block, 'LT', x, like(block, x, 0))

/** The same number, where there is nothing to round. */
const whole =
  (name: Unary): Lowering =>
  (scope, one) =>
    ofOne((block, x) => (isFloating(x.dtype) ? unary(block, name, x) : x))(scope, one)

const floating = (x: Term, type: string): Term => {
  if (!isFloating(x.dtype)) throw new NotRecordable('it is defined for floating-point numbers only', type)
  return x
}

const plain = (name: Unary): Lowering => ofOne((block, x, { type }) => unary(block, name, floating(x, type)))

/** An operation of CHLO, which every plugin rewrites in terms of StableHLO. */
const chlo = (name: string): Lowering =>
  ofOne((block, x, { type }) => block.add(`chlo.${name} ${floating(x, type).name}`, x, (result) => `${x.type} -> ${result}`))

const two = (name: Binary): Lowering => ofTwo((block, a, b) => binary(block, name, a, b))

const compared = (direction: Direction): Lowering => ofTwo((block, a, b) => compare(block, direction, a, b))

/** 0 where the divisor is, whatever is divided. */
const divideNoNan = (block: Block, a: Term, b: Term): Term =>
  select(block, compare(block, 'EQ', b, like(block, b, 0)), like(block, a, 0), divide(block, a, b))

/** Whether a remainder is to be brought to the other side of 0, where the divisor is. */
const isAcross = (block: Block, remainder: Term, divisor: Term): Term =>
  binary(
    block,
    'and',
    compare(block, 'NE', remainder, like(block, remainder, 0)),
    compare(block, 'NE', isNegative(block, remainder), isNegative(block, divisor)),
  )

const floorMod = (block: Block, a: Term, b: Term): Term => {
  const remainder = binary(block, 'remainder', a, b)
  return select(block, isAcross(block, remainder, b), add(block, remainder, b), remainder)
}

const floorDiv = (block: Block, a: Term, b: Term): Term => {
  const quotient = divide(block, a, b)
  if (isFloating(a.dtype)) return unary(block, 'floor', quotient)
  const remainder = binary(block, 'remainder', a, b)
  return select(block, isAcross(block, remainder, b), subtract(block, quotient, like(block, a, 1)), quotient)
}

const square = (block: Block, x: Term): Term => multiply(block, x, x)

/** exp(x) - 1. */
const expm1 = (block: Block, x: Term): Term => unary(block, 'exponential_minus_one', x)

/** log(1 + exp(x)), where exp(x) may be infinite. */
const softplus = (block: Block, x: Term): Term =>
  add(
    block,
    binary(block, 'maximum', x, like(block, x, 0)),
    unary(block, 'log_plus_one', unary(block, 'exponential', unary(block, 'negate', unary(block, 'abs', x)))),
  )

// Klambauer et al., Self-Normalizing Neural Networks, arXiv 1706.02515.
const SELU_SCALE = 1.0507009873554805
const SELU_ALPHA = 1.6732632423543772

const selu = (block: Block, x: Term): Term =>
  select(block, isNegative(block, x), times(block, SELU_SCALE * SELU_ALPHA, expm1(block, x)), times(block, SELU_SCALE, x))

const relu = (block: Block, x: Term): Term => binary(block, 'maximum', x, like(block, x, 0))

/** What is no number is neither finite nor infinite. */
const isInfinite = (block: Block, x: Term): Term =>
  compare(block, 'EQ', unary(block, 'abs', x), like(block, x, Number.POSITIVE_INFINITY))

/** A truth value in every place of a tensor like `x`. */
const always = (block: Block, { shape }: Term, value: boolean): Term => block.splat(DTYPE.bool, value ? 1 : 0, shape)

/** The condition is of the same shape, or a scalar, or says which rows are taken from where. */
const chosen: Lowering = ({ block, of }, { inputs: [condition, yes, no] }) => {
  const [given, a, b] = [of(condition!), of(yes!), of(no!)]
  const isRows = given.shape.length === 1 && a.shape.length > 1
  return [select(block, isRows ? broadcast(block, given, a.shape, [0]) : given, a, b)]
}

/** Of numbers of any type: NaN is true, and a number becomes the integer between it and 0. */
const cast: Lowering = ({ block, of }, { inputs: [x], outputs }) => [convert(block, of(x!), outputs[0]!.dtype)]

export const ELEMENTWISE = {
  Abs: ofOne((block, x) => (x.dtype === DTYPE.uint8 || x.dtype === DTYPE.bool ? x : unary(block, 'abs', x))),
  Acos: chlo('acos'),
  Acosh: chlo('acosh'),
  Add: two('add'),
  AddN: ({ block, of }, { inputs }) => [inputs.map(of).reduce((a, b) => add(block, a, b))],
  AddV2: two('add'),
  Asin: chlo('asin'),
  Asinh: chlo('asinh'),
  Atan: chlo('atan'),
  Atan2: two('atan2'),
  Atanh: chlo('atanh'),
  Cast: cast,
  Ceil: whole('ceil'),
  Cos: plain('cosine'),
  Cosh: chlo('cosh'),
  Div: two('divide'),
  DivNoNan: ofTwo(divideNoNan),
  Elu: ofOne((block, x) => select(block, isNegative(block, x), expm1(block, x), x)),
  EluGrad: ofTwo((block, dy, y) =>
    select(block, isNegative(block, y), multiply(block, add(block, y, like(block, y, 1)), dy), dy),
  ),
  Equal: compared('EQ'),
  Erf: chlo('erf'),
  Exp: plain('exponential'),
  Expm1: plain('exponential_minus_one'),
  Floor: whole('floor'),
  FloorDiv: ofTwo(floorDiv),
  FloorMod: ofTwo(floorMod),
  Greater: compared('GT'),
  GreaterEqual: compared('GE'),
  Identity: ofOne((_, x) => x),
  IsFinite: ofOne((block, x) =>
    isFloating(x.dtype)
      ? block.add(`stablehlo.is_finite ${x.name}`, { dtype: DTYPE.bool, shape: x.shape }, (type) => `(${x.type}) -> ${type}`)
      : always(block, x, true),
  ),
  IsInf: ofOne((block, x) => (isFloating(x.dtype) ? isInfinite(block, x) : always(block, x, false))),
  IsNan: ofOne((block, x) => compare(block, 'NE', x, x)),
  LeakyRelu: ofOne((block, x, one) =>
    select(block, isNegative(block, x), times(block, float(one.attributes, 'alpha', 0.2), x), x),
  ),
  Less: compared('LT'),
  LessEqual: compared('LE'),
  Log: plain('log'),
  Log1p: plain('log_plus_one'),
  LogicalAnd: two('and'),
  LogicalNot: ofOne((block, x) => unary(block, 'not', x)),
  LogicalOr: two('or'),
  Maximum: two('maximum'),
  Minimum: two('minimum'),
  Mul: two('multiply'),
  Neg: ofOne((block, x) => unary(block, 'negate', x)),
  NotEqual: compared('NE'),
  OnesLike: ofOne((block, x) => like(block, x, 1)),
  Pow: two('power'),
  RealDiv: two('divide'),
  Reciprocal: ofOne((block, x, { type }) => divide(block, like(block, floating(x, type), 1), x)),
  Relu: ofOne(relu),
  Relu6: ofOne((block, x) => binary(block, 'minimum', relu(block, x), like(block, x, 6))),
  Round: whole('round_nearest_even'),
  Rsqrt: plain('rsqrt'),
  Select: chosen,
  Selu: ofOne(selu),
  Sigmoid: plain('logistic'),
  Sign: ofOne((block, x) => unary(block, 'sign', x)),
  Sin: plain('sine'),
  Sinh: chlo('sinh'),
  Softplus: ofOne(softplus),
  Sqrt: plain('sqrt'),
  Square: ofOne(square),
  SquaredDifference: ofTwo((block, a, b) => square(block, subtract(block, a, b))),
  Sub: two('subtract'),
  Tan: plain('tan'),
  Tanh: plain('tanh'),
  ZerosLike: ofOne((block, x) => like(block, x, 0)),
} as const satisfies Partial<Record<OperationType, Lowering>>
