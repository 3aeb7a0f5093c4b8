/** Operations along axes: what they have in common is that numbers in different places of them meet. */
import { axisFromFirst, elements } from '../../base/shape'
import { flag } from '../../graph/attributes'
import { integerOf, integersOf } from '../../graph/constant'
import { DTYPE, type Dtype } from '../../graph/dtype'
import type { Operation } from '../../graph/operation'
import type { OperationType } from '../../graph/types'
import type { Block, Term } from './block'
import {
  type Binary,
  binary,
  broadcast,
  compare,
  convert,
  type Direction,
  iota,
  like,
  pad,
  reduce,
  reshape,
  reverse,
  select,
  unary,
} from './instructions'
import type { Lowering } from './lowering'
import { elementType, extreme, isFloating } from './type'

/** Axes that the second input names, each once. */
const axesOf = (one: Operation, rank: number): readonly number[] => [
  ...new Set(integersOf(one.inputs[1]!).map((axis) => axisFromFirst(axis, rank))),
]

/** What sums are computed in: many numbers of few bits each would lose theirs. */
const wide = (dtype: Dtype): Dtype => (dtype === DTYPE.bfloat16 ? DTYPE.float32 : dtype)

/** Along the axes that the second input names; they stay, of length 1, where `keep_dims` says so. */
const reducing =
  (f: (block: Block, x: Term, axes: readonly number[]) => Term): Lowering =>
  ({ block, of }, one) => {
    const x = of(one.inputs[0]!)
    const reduced = convert(block, f(block, convert(block, x, wide(x.dtype)), axesOf(one, x.shape.length)), x.dtype)
    return [reshape(block, reduced, one.outputs[0]!.shape)]
  }

const reduction = (name: Binary, initial: (dtype: Dtype) => number): Lowering =>
  reducing((block, x, axes) => reduce(block, name, x, initial(x.dtype), axes))

const mean: Lowering = reducing((block, x, axes) => {
  const count = elements(axes.map((axis) => x.shape[axis]!))
  const sum = reduce(block, 'add', x, 0, axes)
  // No integer is divided by 0.
  return binary(block, 'divide', sum, like(block, sum, isFloating(x.dtype) ? count : Math.max(count, 1)))
})

/** The first place of the largest number, or of the smallest; what is no number is passed over. */
const extremePlace =
  (better: Direction, worst: (dtype: Dtype) => number): Lowering =>
  ({ block, of }, one) => {
    const given = of(one.inputs[0]!)
    const { dtype, shape } = one.outputs[0]!
    const axis = axisFromFirst(integerOf(one.inputs[1]!), given.shape.length)
    const x = isFloating(given.dtype)
      ? select(block, compare(block, 'NE', given, given), like(block, given, worst(given.dtype)), given)
      : given
    const places = iota(block, dtype, x.shape, axis)
    const start = block.splat(x.dtype, worst(x.dtype))
    const first = block.splat(dtype, 0)
    const [value, place] = [`tensor<${elementType(x.dtype)}>`, `tensor<${elementType(dtype)}>`]
    const truth = 'tensor<i1>'
    const kind = isFloating(x.dtype) ? 'FLOAT' : x.dtype === DTYPE.uint8 ? 'UNSIGNED' : 'SIGNED'
    const code = `stablehlo.reduce(${x.name} init: ${start.name}), (${places.name} init: ${first.name}) across dimensions = [${axis}]`
    const [, found] = block.addMany(
      code,
      [
        { dtype: x.dtype, shape },
        { dtype, shape },
      ],
      ([values, found]) => `(${x.type}, ${places.type}, ${value}, ${place}) -> (${values}, ${found})
     reducer(%a: ${value}, %b: ${value}) (%i: ${place}, %j: ${place}) {
        %better = stablehlo.compare ${better}, %a, %b, ${kind} : (${value}, ${value}) -> ${truth}
        %same = stablehlo.compare EQ, %a, %b, ${kind} : (${value}, ${value}) -> ${truth}
        %before = stablehlo.compare LT, %i, %j, SIGNED : (${place}, ${place}) -> ${truth}
        %first = stablehlo.and %same, %before : ${truth}
        %is = stablehlo.or %better, %first : ${truth}
        %value = stablehlo.select %is, %a, %b : ${truth}, ${value}
        %place = stablehlo.select %is, %i, %j : ${truth}, ${place}
        stablehlo.return %value, %place : ${value}, ${place}
      }`,
    )
    return [found!]
  }

/** A tensor moved along an axis: what leaves it is gone, what comes in is `value`. */
const shifted = (block: Block, x: Term, axis: number, by: number, value: number): Term => {
  const along = x.shape.map((_, i) => (i === axis ? by : 0))
  return pad(
    block,
    x,
    block.splat(x.dtype, value),
    along,
    along.map((n) => 0 - n),
  )
}

/** What has come together up to each place, in rounds that reach twice as far each: Hillis and Steele 1986. */
const scan =
  (name: Binary, neutral: number): Lowering =>
  ({ block, of }, one) => {
    const given = of(one.inputs[0]!)
    const axis = axisFromFirst(integerOf(one.inputs[1]!), given.shape.length)
    const length = given.shape[axis]!
    const way = flag(one.attributes, 'reverse') ? -1 : 1
    const x = convert(block, given, wide(given.dtype))
    let sum = flag(one.attributes, 'exclusive') && length > 0 ? shifted(block, x, axis, way, neutral) : x
    for (let reach = 1; reach < length; reach *= 2)
      sum = binary(block, name, sum, shifted(block, sum, axis, way * reach, neutral))
    return [convert(block, sum, given.dtype)]
  }

/** exp(x) over its sum along the last axis; the largest is taken off before, so that none is infinite. */
const softmax: Lowering = ({ block, of }, { inputs: [logits] }) => {
  const given = of(logits!)
  const x = convert(block, given, wide(given.dtype))
  const axis = x.shape.length - 1
  const rows = x.shape.map((_, i) => i).slice(0, -1)
  const along = (row: Term): Term => broadcast(block, row, x.shape, rows)
  const largest = reduce(block, 'maximum', x, Number.NEGATIVE_INFINITY, [axis])
  const powers = unary(block, 'exponential', binary(block, 'subtract', x, along(largest)))
  const shares = binary(block, 'divide', powers, along(reduce(block, 'add', powers, 0, [axis])))
  return [convert(block, shares, given.dtype)]
}

/** The largest numbers of the last axis, from large to small, the first of equal ones first; and their places. */
const top: Lowering = ({ block, of }, { outputs: [values, places], inputs: [input] }) => {
  const given = of(input!)
  const k = values!.shape.at(-1)!
  // Both zeros are the same number, but not to those who sort by bits.
  const zero = like(block, given, 0)
  const x = isFloating(given.dtype) ? select(block, compare(block, 'EQ', given, zero), zero, given) : given
  const [found, at] = block.addMany(
    `chlo.top_k(${x.name}, k = ${k})`,
    [values!, { dtype: DTYPE.int32, shape: places!.shape }],
    ([a, b]) => `${x.type} -> (${a}, ${b})`,
  )
  return [found!, convert(block, at!, places!.dtype)]
}

export const ALONG_AXES = {
  All: reduction('and', () => 1),
  Any: reduction('or', () => 0),
  ArgMax: extremePlace('GT', (dtype) => extreme(dtype, -1)),
  ArgMin: extremePlace('LT', (dtype) => extreme(dtype, 1)),
  Cumprod: scan('multiply', 1),
  Cumsum: scan('add', 0),
  Max: reduction('maximum', (dtype) => extreme(dtype, -1)),
  Mean: mean,
  Min: reduction('minimum', (dtype) => extreme(dtype, 1)),
  Prod: reduction('multiply', () => 1),
  ReverseV2: ({ block, of }, one) => {
    const x = of(one.inputs[0]!)
    return [reverse(block, x, axesOf(one, x.shape.length))]
  },
  Softmax: softmax,
  Sum: reduction('add', () => 0),
  TopKV2: top,
} as const satisfies Partial<Record<OperationType, Lowering>>
