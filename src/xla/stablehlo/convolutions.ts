/** Convolutions of pictures, and their gradients, which are convolutions again. */
import type { Operation } from '../../graph/operation'
import type { OperationType } from '../../graph/types'
import type { Block, Term } from './block'
import { from, list, reshape, reverse, type Shape } from './instructions'
import type { Lowering, Precision } from './lowering'
import { precisionOf } from './products'
import { backwards, layoutOf, reach, type Window, windowsOf } from './window'

interface Convolution {
  /** What each axis of the pictures, of the filters and of the result is. */
  readonly axes: readonly [string, string, string]
  /** Of each axis of the picture: steps of the window, what continues it, how far its places are apart, and those of the window. */
  readonly strides: readonly number[]
  readonly pads: readonly (readonly [number, number])[]
  readonly apart: readonly number[]
  readonly dilations: readonly number[]
  readonly groups?: { readonly batch?: number; readonly feature?: number }
  readonly shape: Shape
  readonly precision: Precision
}

const convolved = (block: Block, x: Term, filters: Term, convolution: Convolution): Term => {
  const { axes, strides, pads, apart, dilations, groups = {}, shape, precision } = convolution
  const exactly = `#stablehlo<precision ${precisionOf(x.dtype, precision)}>`
  return block.add(
    `stablehlo.convolution(${x.name}, ${filters.name}) dim_numbers = [${axes[0]}]x[${axes[1]}]->[${axes[2]}], ` +
      `window = {stride = ${list(strides)}, pad = [${pads.map(list).join(', ')}], lhs_dilate = ${list(apart)}, rhs_dilate = ${list(dilations)}} ` +
      `{batch_group_count = ${groups.batch ?? 1} : i64, feature_group_count = ${groups.feature ?? 1} : i64, ` +
      `precision_config = [${exactly}, ${exactly}]}`,
    { dtype: x.dtype, shape },
    from(x, filters),
  )
}

/** The names of the axes of pictures: `b` and `f` for those that play batch and features, which a gradient exchanges. */
const pictureAxes = (one: Operation, batch: 'b' | 'f', features: 'b' | 'f'): string =>
  layoutOf(one).channels === 1 ? `${batch}, ${features}, 0, 1` : `${batch}, 0, 1, ${features}`

const ones = [1, 1]
const sizesOf = ([height, width]: Shape): readonly [number, number] => [height!, width!]
const along = <A>(windows: readonly [Window, Window], f: (window: Window) => A): readonly A[] => windows.map(f)

/** Pictures and filters [height, width, in, out]; each of the groups of channels has filters of its own. */
const forward =
  (filtersOf: (block: Block, filters: Term) => Term): Lowering =>
  ({ block, of, precision }, one) => {
    const [x, filters] = [of(one.inputs[0]!), filtersOf(block, of(one.inputs[1]!))]
    const { shape } = one.outputs[0]!
    const windows = windowsOf(one, x.shape, shape, sizesOf(filters.shape))
    const feature = x.shape[layoutOf(one).channels]! / filters.shape[2]!
    return [
      convolved(block, x, filters, {
        axes: [pictureAxes(one, 'b', 'f'), '0, 1, i, o', pictureAxes(one, 'b', 'f')],
        strides: along(windows, ({ stride }) => stride),
        pads: along(windows, ({ before, after }) => [before, after]),
        apart: ones,
        dilations: along(windows, ({ dilation }) => dilation),
        groups: { feature },
        shape,
        precision,
      }),
    ]
  }

/** What a gradient comes to for the pictures: the filters, turned about, over it. `axes` names those of the filters. */
const toPictures =
  (axes: string, groupsOf: (pictures: Shape, one: Operation) => number): Lowering =>
  ({ block, of, precision }, one) => {
    const [, filterValue, gradient] = one.inputs
    const [filters, dy] = [of(filterValue!), of(gradient!)]
    const { shape } = one.outputs[0]!
    const windows = windowsOf(one, shape, dy.shape, sizesOf(filters.shape))
    return [
      convolved(block, dy, reverse(block, filters, [0, 1]), {
        axes: [pictureAxes(one, 'b', 'f'), axes, pictureAxes(one, 'b', 'f')],
        strides: ones,
        pads: along(windows, backwards),
        apart: along(windows, ({ stride }) => stride),
        dilations: along(windows, ({ dilation }) => dilation),
        groups: { feature: groupsOf(shape, one) },
        shape,
        precision,
      }),
    ]
  }

/** What a gradient comes to for the filters: it moves over the pictures, whose batch is summed over, as far as the filters reach. */
const toFilters =
  (batchGroupsOf: (pictures: Shape, one: Operation) => number): Lowering =>
  ({ block, of, precision }, one) => {
    const [pictures, , gradient] = one.inputs
    const [x, dy] = [of(pictures!), of(gradient!)]
    const { shape } = one.outputs[0]!
    const windows = windowsOf(one, x.shape, dy.shape, sizesOf(shape))
    const batch = batchGroupsOf(x.shape, one)
    const grouped = [...shape.slice(0, 2), x.shape[layoutOf(one).channels]! / batch, dy.shape[layoutOf(one).channels]!]
    const sums = convolved(block, x, dy, {
      axes: [pictureAxes(one, 'f', 'b'), layoutOf(one).channels === 1 ? 'i, o, 0, 1' : 'i, 0, 1, o', '0, 1, b, f'],
      strides: along(windows, ({ dilation }) => dilation),
      pads: along(windows, (window) => {
        const { before, input, output, stride } = window
        return [before, reach(window) - 1 + (output - 1) * stride + 1 - input - before]
      }),
      apart: ones,
      dilations: along(windows, ({ stride }) => stride),
      groups: { batch },
      shape: grouped,
      precision,
    })
    return [reshape(block, sums, shape)]
  }

/** Filters [height, width, in, multiples] of single channels: those of one channel follow each other. */
const separate = (block: Block, filters: Term): Term => {
  const [height, width, channels, multiples] = filters.shape
  return reshape(block, filters, [height!, width!, 1, channels! * multiples!])
}

const channelsOf = (pictures: Shape, one: Operation): number => pictures[layoutOf(one).channels]!

export const CONVOLUTIONS = {
  Conv2D: forward((_, filters) => filters),
  Conv2DBackpropFilter: toFilters(() => 1),
  Conv2DBackpropInput: toPictures('0, 1, o, i', () => 1),
  DepthwiseConv2dNative: forward(separate),
  DepthwiseConv2dNativeBackpropFilter: toFilters(channelsOf),
  DepthwiseConv2dNativeBackpropInput: toPictures('0, 1, o, i', channelsOf),
} as const satisfies Partial<Record<OperationType, Lowering>>
