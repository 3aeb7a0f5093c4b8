/** Pictures resized: each row, then each column, is made of the nearest one or of the two next to it. */

import { flag } from '../../graph/attributes'
import { DTYPE } from '../../graph/dtype'
import type { Operation } from '../../graph/operation'
import type { OperationType } from '../../graph/types'
import type { Block, Term } from './block'
import { addAlong, take } from './gathering'
import { binary, broadcast, concatenate, convert, like } from './instructions'
import type { Lowering } from './lowering'

const { fround } = Math

/** The axes of height and width; TensorFlow resizes pictures of no other layout. */
const SPATIAL = [1, 2] as const

/** How an axis is resized. All is computed in float32, as TensorFlow does, so that the same places come out. */
interface Resizing {
  readonly from: number
  readonly to: number
  readonly alignsCorners: boolean
  readonly halfPixels: boolean
}

const resizingOf = (one: Operation, axis: number, from: Term['shape'], to: Term['shape']): Resizing => ({
  from: from[axis]!,
  to: to[axis]!,
  alignsCorners: flag(one.attributes, 'align_corners'),
  halfPixels: flag(one.attributes, 'half_pixel_centers'),
})

const scaleOf = ({ from, to, alignsCorners }: Resizing): number =>
  alignsCorners && to > 1 ? fround((from - 1) / (to - 1)) : fround(from / to)

const places = <A>({ to }: Resizing, f: (i: number) => A): readonly A[] => Array.from({ length: to }, (_, i) => f(i))

/** Which place of the picture stands in each of the result's. */
const nearest = (resizing: Resizing): readonly number[] => {
  const { from, alignsCorners, halfPixels } = resizing
  const scale = scaleOf(resizing)
  return places(resizing, (i) => {
    const at = halfPixels ? fround(fround(i + 0.5) * scale) : fround(i * scale)
    return Math.max(0, Math.min(alignsCorners ? Math.round(at) : Math.floor(at), from - 1))
  })
}

interface Between {
  readonly lower: number
  readonly upper: number
  /** How much the upper one counts; the lower one has the rest. */
  readonly weight: number
}

/** Between which two places of the picture each of the result's lies. */
const between = (resizing: Resizing): readonly Between[] => {
  const { from, halfPixels } = resizing
  const scale = scaleOf(resizing)
  return places(resizing, (i) => {
    const at = halfPixels ? fround(fround(fround(i + 0.5) * scale) - 0.5) : fround(i * scale)
    const floor = Math.floor(at)
    return { lower: Math.max(floor, 0), upper: Math.min(Math.ceil(at), from - 1), weight: fround(at - floor) }
  })
}

const indices = (block: Block, numbers: readonly number[]): Term => block.constant(DTYPE.int32, [numbers.length], numbers)

/** A number for each place along an axis, everywhere else the same. */
const weights = (block: Block, x: Term, axis: number, numbers: readonly number[]): Term =>
  broadcast(block, block.constant(x.dtype, [numbers.length], numbers), x.shape, [axis])

const bilinear: Lowering = ({ block, of }, one) => {
  const { shape, dtype } = one.outputs[0]!
  const along = (x: Term, axis: number): Term => {
    const all = between(resizingOf(one, axis, x.shape, shape))
    const at = (which: 'lower' | 'upper'): Term =>
      take(
        block,
        x,
        indices(
          block,
          all.map((one) => one[which]),
        ),
        axis,
      )
    const [lower, upper] = [at('lower'), at('upper')]
    const weight = weights(
      block,
      lower,
      axis,
      all.map(({ weight }) => weight),
    )
    return binary(block, 'add', lower, binary(block, 'multiply', binary(block, 'subtract', upper, lower), weight))
  }
  return [SPATIAL.toReversed().reduce(along, convert(block, of(one.inputs[0]!), dtype))]
}

/** What each place of the result was made of gets its share of the gradient. */
const bilinearGradient: Lowering = ({ block, of }, one) => {
  const { shape, dtype } = one.outputs[0]!
  const along = (dy: Term, axis: number): Term => {
    const all = between(resizingOf(one, axis, shape, dy.shape))
    const weight = weights(
      block,
      dy,
      axis,
      all.map(({ weight }) => weight),
    )
    const upper = binary(block, 'multiply', dy, weight)
    const lower = binary(block, 'multiply', dy, binary(block, 'subtract', like(block, weight, 1), weight))
    const numbers = indices(block, [...all.map(({ lower }) => lower), ...all.map(({ upper }) => upper)])
    return addAlong(block, concatenate(block, [lower, upper], axis), numbers, axis, shape[axis]!)
  }
  return [convert(block, SPATIAL.reduce(along, of(one.inputs[0]!)), dtype)]
}

const nearestNeighbor: Lowering = ({ block, of }, one) => {
  const { shape } = one.outputs[0]!
  return [
    SPATIAL.reduce(
      (x: Term, axis) => take(block, x, indices(block, nearest(resizingOf(one, axis, x.shape, shape))), axis),
      of(one.inputs[0]!),
    ),
  ]
}

const nearestNeighborGradient: Lowering = ({ block, of }, one) => {
  const { shape } = one.outputs[0]!
  return [
    SPATIAL.reduce(
      (dy: Term, axis) =>
        addAlong(block, dy, indices(block, nearest(resizingOf(one, axis, shape, dy.shape))), axis, shape[axis]!),
      of(one.inputs[0]!),
    ),
  ]
}

export const RESIZING = {
  ResizeBilinear: bilinear,
  ResizeBilinearGrad: bilinearGradient,
  ResizeNearestNeighbor: nearestNeighbor,
  ResizeNearestNeighborGrad: nearestNeighborGradient,
} as const satisfies Partial<Record<OperationType, Lowering>>
