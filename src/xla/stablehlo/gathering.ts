/** Operations that take numbers from places, or put them into places, that other numbers name. */

import { axisFromFirst } from '../../base/shape'
import { integer } from '../../graph/attributes'
import { integerOf } from '../../graph/constant'
import type { OperationType } from '../../graph/types'
import type { Block, Term } from './block'
import { broadcastTo, combining, from, integers, list, type Shape } from './instructions'
import type { Lowering } from './lowering'

const count = (length: number, first = 0): readonly number[] => Array.from({ length }, (_, i) => first + i)

/** What lies at the indices of one axis; the first `shared` axes of both belong together. An index beyond the end is the last. */
export const take = (block: Block, x: Term, indices: Term, axis: number, shared = 0): Term => {
  const places = indices.shape.slice(shared)
  const shape = [...x.shape.slice(0, axis), ...places, ...x.shape.slice(axis + 1)]
  const offsets = [...count(axis - shared, shared), ...count(x.shape.length - axis - 1, axis + places.length)]
  const batch =
    shared === 0 ? '' : `operand_batching_dims = ${list(count(shared))}, start_indices_batching_dims = ${list(count(shared))}, `
  const sizes = x.shape.map((dim, i) => (i < shared || i === axis ? Math.min(dim, 1) : dim))
  return block.add(
    `"stablehlo.gather"(${x.name}, ${indices.name}) <{dimension_numbers = #stablehlo.gather<offset_dims = ${list(offsets)}, ` +
      `collapsed_slice_dims = [${axis}], ${batch}start_index_map = [${axis}], index_vector_dim = ${indices.shape.length}>, ` +
      `slice_sizes = ${integers(sizes)}, indices_are_sorted = false}>`,
    { dtype: x.dtype, shape },
    from(x, indices),
  )
}

interface Places {
  /** Axes of what is added that are axes of the result, too; the others are those of the indices. */
  readonly window: readonly number[]
  /** Axes of the result that an index names. */
  readonly named: readonly number[]
  /** Which axis of the indices holds the numbers of one place: as one more than there is, each number is a place. */
  readonly vector: number
}

/** Numbers added up in the places that indices name, which are 0 before; those that are to go outside are lost. */
const scattered = (block: Block, indices: Term, updates: Term, shape: Shape, { window, named, vector }: Places): Term => {
  const zeros = block.splat(updates.dtype, 0, shape)
  return block.add(
    `"stablehlo.scatter"(${zeros.name}, ${indices.name}, ${updates.name}) <{scatter_dimension_numbers = #stablehlo.scatter<` +
      `update_window_dims = ${list(window)}, inserted_window_dims = ${list(named)}, ` +
      `scatter_dims_to_operand_dims = ${list(named)}, index_vector_dim = ${vector}>, ` +
      `indices_are_sorted = false, unique_indices = false}> ${combining('add', updates.dtype)}`,
    { dtype: updates.dtype, shape },
    from(zeros, indices, updates),
  )
}

/** What has the same index along an axis is added up there; the axis becomes `length` long. */
export const addAlong = (block: Block, x: Term, indices: Term, axis: number, length: number): Term =>
  scattered(
    block,
    indices,
    x,
    x.shape.map((dim, i) => (i === axis ? length : dim)),
    { window: count(x.shape.length).filter((i) => i !== axis), named: [axis], vector: 1 },
  )

const gathered: Lowering = ({ block, of }, one) => {
  const [input, indices, axis] = one.inputs
  const x = of(input!)
  const places = of(indices!)
  return [
    take(
      block,
      x,
      places,
      axisFromFirst(integerOf(axis!), x.shape.length),
      axisFromFirst(integer(one.attributes, 'batch_dims', 0), places.shape.length),
    ),
  ]
}

/** What lies where the last axis of the indices says, which may name less than all axes. */
const gatheredNd: Lowering = ({ block, of }, { inputs: [input, indices], outputs }) => {
  const x = of(input!)
  const places = of(indices!)
  const { shape } = outputs[0]!
  const named = places.shape.at(-1)!
  const rest = x.shape.length - named
  // Who names no axis means all.
  if (named === 0) return [broadcastTo(block, x, shape)]
  return [
    block.add(
      `"stablehlo.gather"(${x.name}, ${places.name}) <{dimension_numbers = #stablehlo.gather<` +
        `offset_dims = ${list(count(rest, shape.length - rest))}, collapsed_slice_dims = ${list(count(named))}, ` +
        `start_index_map = ${list(count(named))}, index_vector_dim = ${places.shape.length - 1}>, ` +
        `slice_sizes = ${integers(x.shape.map((dim, i) => (i < named ? 1 : dim)))}, indices_are_sorted = false}>`,
      { dtype: x.dtype, shape },
      from(x, places),
    ),
  ]
}

const scatteredNd: Lowering = ({ block, of }, { inputs: [indices, updates], outputs }) => {
  const [places, added] = [of(indices!), of(updates!)]
  const { shape } = outputs[0]!
  const named = places.shape.at(-1)!
  const rest = shape.length - named
  const window = count(rest, added.shape.length - rest)
  return [scattered(block, places, added, shape, { window, named: count(named), vector: places.shape.length - 1 })]
}

/** Rows added up by the number that each is given. */
const segmentSum: Lowering = ({ block, of }, { inputs: [rows, numbers], outputs }) => {
  const [added, places] = [of(rows!), of(numbers!)]
  const { length } = places.shape
  const window = count(added.shape.length - length, length)
  return [scattered(block, places, added, outputs[0]!.shape, { window, named: [0], vector: length })]
}

export const GATHERING = {
  GatherNd: gatheredNd,
  GatherV2: gathered,
  ScatterNd: scatteredNd,
  UnsortedSegmentSum: segmentSum,
} as const satisfies Partial<Record<OperationType, Lowering>>
