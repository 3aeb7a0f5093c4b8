/** Pictures made smaller by windows: the largest number in each, or the mean. */

import { integers as integersIn } from '../../graph/attributes'
import { DTYPE } from '../../graph/dtype'
import type { Operation } from '../../graph/operation'
import type { OperationType } from '../../graph/types'
import type { Block, Term } from './block'
import { type Binary, binary, broadcastTo, combining, from, integers, type Shape } from './instructions'
import type { Lowering } from './lowering'
import { extreme, isFloating, tensorType } from './type'
import { backwards, layoutOf, type Window, windowsOf } from './window'

/** A number for each axis of tensors of pictures: 1 for all but two. */
const spread = (one: Operation, [height, width]: readonly number[], rest: number): readonly number[] => {
  const numbers = Array.from({ length: 4 }, () => rest)
  const { spatial } = layoutOf(one)
  numbers[spatial[0]] = height!
  numbers[spatial[1]] = width!
  return numbers
}

/** What continues each axis, as a matrix. */
const matrix = (one: Operation, pads: readonly (readonly [number, number])[]): string => {
  const [low, high] = ([0, 1] as const).map((side) =>
    spread(
      one,
      pads.map((pad) => pad[side]),
      0,
    ),
  )
  return `dense<[${low!.map((n, i) => `[${n}, ${high![i]}]`).join(', ')}]> : tensor<4x2xi64>`
}

const windowsHere = (one: Operation, pictures: Shape, becoming: Shape): readonly [Window, Window] => {
  const { spatial } = layoutOf(one)
  const sizes = integersIn(one.attributes, 'ksize', [1, 1, 1, 1])
  return windowsOf(one, pictures, becoming, [sizes[spatial[0]]!, sizes[spatial[1]]!])
}

interface Pooling {
  readonly strides: readonly number[]
  readonly pads: readonly (readonly [number, number])[]
  /** How far the numbers are set apart before. */
  readonly apart: readonly number[]
  readonly shape: Shape
}

/** All numbers in each window made one. */
const pooled = (
  block: Block,
  name: Binary,
  x: Term,
  initial: number,
  one: Operation,
  windows: readonly Window[],
  pooling: Pooling,
): Term => {
  const start = block.splat(x.dtype, initial)
  const sizes = windows.map(({ size }) => size)
  return block.add(
    `"stablehlo.reduce_window"(${x.name}, ${start.name}) <{window_dimensions = ${integers(spread(one, sizes, 1))}, ` +
      `window_strides = ${integers(spread(one, pooling.strides, 1))}, base_dilations = ${integers(spread(one, pooling.apart, 1))}, ` +
      `padding = ${matrix(one, pooling.pads)}}> ${combining(name, x.dtype)}`,
    { dtype: x.dtype, shape: pooling.shape },
    from(x, start),
  )
}

const forwards = (windows: readonly Window[], shape: Shape): Pooling => ({
  strides: windows.map(({ stride }) => stride),
  pads: windows.map(({ before, after }) => [before, after]),
  apart: [1, 1],
  shape,
})

/** How many places of a picture lie in each window along an axis. */
const countsOf = ({ input, output, size, stride, before }: Window): readonly number[] =>
  Array.from({ length: output }, (_, i) => {
    const start = i * stride - before
    return Math.min(start + size, input) - Math.max(start, 0)
  })

/** Sums over windows divided by how many numbers of the picture were summed: what continues it doesn't count. */
const divided = (block: Block, sums: Term, one: Operation, windows: readonly Window[]): Term => {
  const [rows, columns] = windows.map(countsOf)
  const counts = rows!.flatMap((row) => columns!.map((column) => row * column))
  const shape = spread(one, [rows!.length, columns!.length], 1)
  return binary(block, 'divide', sums, broadcastTo(block, block.constant(sums.dtype, shape, counts), sums.shape))
}

const largest: Lowering = ({ block, of }, one) => {
  const x = of(one.inputs[0]!)
  const { shape } = one.outputs[0]!
  const windows = windowsHere(one, x.shape, shape)
  return [pooled(block, 'maximum', x, extreme(x.dtype, -1), one, windows, forwards(windows, shape))]
}

/** Each window's gradient goes to the first of its largest numbers. */
const largestGradient: Lowering = ({ block, of }, one) => {
  const [x, , dy] = one.inputs.map(of)
  const windows = windowsHere(one, x!.shape, dy!.shape)
  const { strides, pads } = forwards(windows, dy!.shape)
  const zero = block.splat(x!.dtype, 0)
  const type = tensorType({ dtype: x!.dtype, shape: [] })
  const sizes = windows.map(({ size }) => size)
  return [
    block.add(
      `"stablehlo.select_and_scatter"(${x!.name}, ${dy!.name}, ${zero.name}) <{window_dimensions = ${integers(spread(one, sizes, 1))}, ` +
        `window_strides = ${integers(spread(one, strides, 1))}, padding = ${matrix(one, pads)}}> ({
      ^bb0(%a: ${type}, %b: ${type}):
        %c = stablehlo.compare GE, %a, %b, ${isFloating(x!.dtype) ? 'FLOAT' : 'SIGNED'} : (${type}, ${type}) -> ${tensorType({ dtype: DTYPE.bool, shape: [] })}
        stablehlo.return %c : ${tensorType({ dtype: DTYPE.bool, shape: [] })}
    }, ${combining('add', x!.dtype).slice(1)}`,
      { dtype: x!.dtype, shape: x!.shape },
      from(x!, dy!, zero),
    ),
  ]
}

const mean: Lowering = ({ block, of }, one) => {
  const x = of(one.inputs[0]!)
  const { shape } = one.outputs[0]!
  const windows = windowsHere(one, x.shape, shape)
  return [divided(block, pooled(block, 'add', x, 0, one, windows, forwards(windows, shape)), one, windows)]
}

/** Each number gets its share of the gradients of all windows that it is in. */
const meanGradient: Lowering = ({ block, of }, one) => {
  const dy = of(one.inputs[1]!)
  const { shape } = one.outputs[0]!
  const windows = windowsHere(one, shape, dy.shape)
  const apart = windows.map(({ stride }) => stride)
  const pads = windows.map(backwards)
  return [pooled(block, 'add', divided(block, dy, one, windows), 0, one, windows, { strides: [1, 1], pads, apart, shape })]
}

export const POOLS = {
  AvgPool: mean,
  AvgPoolGrad: meanGradient,
  MaxPool: largest,
  MaxPoolGrad: largestGradient,
} as const satisfies Partial<Record<OperationType, Lowering>>
