/** Operations that move numbers, or make a tensor of a shape. */
import { axisFromFirst, elements } from '../../base/shape'
import { integer, text } from '../../graph/attributes'
import { integerOf, integersOf, knownIntegers } from '../../graph/constant'
import { infoOf, type Operation } from '../../graph/operation'
import type { OperationType } from '../../graph/types'
import type { Block, Term } from './block'
import {
  binary,
  broadcast,
  broadcastTo,
  compare,
  concatenate,
  dynamicSlice,
  iota,
  pad,
  type Range,
  reshape,
  reverse,
  select,
  slice,
  sliceAlong,
  transpose,
} from './instructions'
import type { Lowering } from './lowering'

/** The same numbers in their order, in the shape of the output. */
const reshaped: Lowering = ({ block, of }, { inputs: [x], outputs }) => [reshape(block, of(x!), outputs[0]!.shape)]

const concatenated: Lowering = ({ block, of }, { inputs, outputs }) => {
  const axis = axisFromFirst(integerOf(inputs.at(-1)!), outputs[0]!.shape.length)
  return [concatenate(block, inputs.slice(0, -1).map(of), axis)]
}

/** Pieces that follow each other along an axis, each as long as its output. */
const split: Lowering = ({ block, of }, { inputs: [x, , along], outputs }) => {
  const given = of(x!)
  const axis = axisFromFirst(integerOf(along!), given.shape.length)
  let start = 0
  return outputs.map(({ shape }) => {
    const limit = start + shape[axis]!
    const piece = sliceAlong(block, given, axis, { start, limit })
    start = limit
    return piece
  })
}

/** Where a slice begins may be known only when the graph runs. */
const sliced: Lowering = ({ block, of }, { inputs: [x, begin], outputs }) => {
  const { shape } = outputs[0]!
  const starts = knownIntegers(begin!)
  if (starts.every((start) => start !== undefined))
    return [
      slice(
        block,
        of(x!),
        starts.map((start, axis) => ({ start, limit: start + shape[axis]! })),
      ),
    ]
  const vector = of(begin!)
  const scalars = shape.map((_, axis) => reshape(block, slice(block, vector, [{ start: axis, limit: axis + 1 }]), []))
  return [dynamicSlice(block, of(x!), scalars, shape)]
}

/** What a strided slice takes of an axis: NumPy's `begin:end:stride`. */
const rangeOf = (
  length: number,
  begin: number | undefined,
  end: number | undefined,
  stride: number,
): Range & { readonly isReversed: boolean } => {
  // Of a negative stride the places before the first and at the last stand for the ends.
  const [lowest, highest] = stride > 0 ? [0, length] : [-1, length - 1]
  const within = (place: number): number => Math.min(Math.max(axisFromFirst(place, length), lowest), highest)
  const first = begin === undefined ? (stride > 0 ? 0 : length - 1) : within(begin)
  const last = end === undefined ? (stride > 0 ? length : -1) : within(end)
  const count = Math.max(0, Math.ceil((last - first) / stride))
  if (count === 0) return { start: 0, limit: 0, isReversed: false }
  const other = first + (count - 1) * stride
  return { start: Math.min(first, other), limit: Math.max(first, other) + 1, stride: Math.abs(stride), isReversed: stride < 0 }
}

/** The entries of a strided slice, one an axis of the input: an ellipsis stands for as many as are missing, new axes for none. */
const entriesOf = (one: Operation, rank: number): readonly { readonly at: number | undefined }[] => {
  const count = infoOf(one.inputs[1]!).shape[0]!
  const is = (mask: string, at: number): boolean => ((integer(one.attributes, mask, 0) >> at) & 1) === 1
  const places = Array.from({ length: count }, (_, at) => at)
  const ellipsis = places.find((at) => is('ellipsis_mask', at)) ?? count
  const taking = places.filter((at) => at !== ellipsis && !is('new_axis_mask', at))
  const missing = Array.from({ length: rank - taking.length }, () => ({ at: undefined }))
  const before = taking.filter((at) => at < ellipsis)
  return [...before.map((at) => ({ at })), ...missing, ...taking.filter((at) => at > ellipsis).map((at) => ({ at }))]
}

const stridedSlice: Lowering = ({ block, of }, one) => {
  const [input, begin, end, strides] = one.inputs
  const x = of(input!)
  const [begins, ends, steps] = [integersOf(begin!), integersOf(end!), integersOf(strides!)]
  const is = (mask: string, at: number): boolean => ((integer(one.attributes, mask, 0) >> at) & 1) === 1
  const ranges = entriesOf(one, x.shape.length).map(({ at }, axis) => {
    const length = x.shape[axis]!
    if (at === undefined) return { start: 0, limit: length, isReversed: false }
    if (is('shrink_axis_mask', at)) {
      const start = axisFromFirst(begins[at]!, length)
      return { start, limit: start + 1, isReversed: false }
    }
    return rangeOf(length, is('begin_mask', at) ? undefined : begins[at]!, is('end_mask', at) ? undefined : ends[at]!, steps[at]!)
  })
  // Backwards, a slice takes what is at a multiple of the stride from its last place: that is where it begins forwards.
  const taken = slice(
    block,
    x,
    ranges.map(({ start, limit, stride = 1 }) => ({ start, limit, stride })),
  )
  const turned = reverse(
    block,
    taken,
    ranges.flatMap(({ isReversed }, axis) => (isReversed ? [axis] : [])),
  )
  return [reshape(block, turned, one.outputs[0]!.shape)]
}

const packed: Lowering = ({ block, of }, one) => {
  const { shape } = one.outputs[0]!
  const axis = axisFromFirst(integer(one.attributes, 'axis', 0), shape.length)
  const part = shape.map((dim, i) => (i === axis ? 1 : dim))
  return [
    concatenate(
      block,
      one.inputs.map((input) => reshape(block, of(input), part)),
      axis,
    ),
  ]
}

const unpacked: Lowering = ({ block, of }, one) => {
  const x = of(one.inputs[0]!)
  const axis = axisFromFirst(integer(one.attributes, 'axis', 0), x.shape.length)
  return one.outputs.map(({ shape }, i) => reshape(block, sliceAlong(block, x, axis, { start: i, limit: i + 1 }), shape))
}

/** How much is added at one side of each axis. */
const paddings = (one: Operation, side: 0 | 1): readonly number[] => integersOf(one.inputs[1]!).filter((_, i) => i % 2 === side)

const padded: Lowering = ({ block, of }, one) => [
  pad(block, of(one.inputs[0]!), of(one.inputs[2]!), paddings(one, 0), paddings(one, 1)),
]

/** Each axis is continued by its own mirror image: without the edge in the middle (REFLECT) or with it twice (SYMMETRIC). */
const mirrored: Lowering = ({ block, of }, one) => {
  const edge = text(one.attributes, 'mode', 'REFLECT') === 'REFLECT' ? 1 : 0
  const [before, after] = [paddings(one, 0), paddings(one, 1)]
  const along = (x: Term, axis: number): Term => {
    const length = x.shape[axis]!
    const image = (start: number, count: number): readonly Term[] =>
      count === 0 ? [] : [reverse(block, sliceAlong(block, x, axis, { start, limit: start + count }), [axis])]
    return concatenate(block, [...image(edge, before[axis]!), x, ...image(length - edge - after[axis]!, after[axis]!)], axis)
  }
  const x = of(one.inputs[0]!)
  return [x.shape.reduce((term, _, axis) => along(term, axis), x)]
}

/** As many copies along each axis: an axis of copies before each, then both as one. */
const tiled: Lowering = ({ block, of }, { inputs: [input, multiples], outputs }) => {
  const x = of(input!)
  const times = integersOf(multiples!)
  if (times.every((n) => n === 1)) return [x]
  const copies = broadcast(
    block,
    x,
    x.shape.flatMap((dim, axis) => [times[axis]!, dim]),
    x.shape.map((_, axis) => 2 * axis + 1),
  )
  return [reshape(block, copies, outputs[0]!.shape)]
}

const transposed: Lowering = ({ block, of }, { inputs: [input, order] }) => {
  const x = of(input!)
  return [
    transpose(
      block,
      x,
      integersOf(order!).map((axis) => axisFromFirst(axis, x.shape.length)),
    ),
  ]
}

/** start, start + delta, … */
const range: Lowering = ({ block, of }, { inputs: [start, , delta], outputs }) => {
  const { dtype, shape } = outputs[0]!
  const steps = binary(block, 'multiply', iota(block, dtype, shape, 0), broadcastTo(block, of(delta!), shape))
  return [binary(block, 'add', steps, broadcastTo(block, of(start!), shape))]
}

/** `on` where the place along a new axis is the index, else `off`. */
const oneHot: Lowering = ({ block, of }, one) => {
  const [indices, , on, off] = one.inputs
  const { shape } = one.outputs[0]!
  const axis = axisFromFirst(integer(one.attributes, 'axis', -1), shape.length)
  const given = of(indices!)
  const index = broadcast(
    block,
    given,
    shape,
    given.shape.map((_, i) => (i < axis ? i : i + 1)),
  )
  const is = compare(block, 'EQ', index, iota(block, given.dtype, shape, axis))
  return [select(block, is, broadcastTo(block, of(on!), shape), broadcastTo(block, of(off!), shape))]
}

/** How many numbers there are. */
const size = (block: Block, { inputs: [x], outputs }: Operation): Term =>
  block.splat(outputs[0]!.dtype, elements(infoOf(x!).shape))

export const SHAPES = {
  ConcatV2: concatenated,
  ExpandDims: reshaped,
  Fill: ({ block, of }, { inputs: [, value], outputs }) => [broadcastTo(block, of(value!), outputs[0]!.shape)],
  MirrorPad: mirrored,
  OneHot: oneHot,
  Pack: packed,
  PadV2: padded,
  Range: range,
  Reshape: reshaped,
  Size: ({ block }, one) => [size(block, one)],
  Slice: sliced,
  SplitV: split,
  Squeeze: reshaped,
  StridedSlice: stridedSlice,
  Tile: tiled,
  Transpose: transposed,
  Unpack: unpacked,
} as const satisfies Partial<Record<OperationType, Lowering>>
