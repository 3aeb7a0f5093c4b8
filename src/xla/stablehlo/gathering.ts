/** Operations that take numbers from places, or put them into places, that other numbers name. */
import { integerOf } from '../../graph/constant'
import type { OperationType } from '../../graph/types'
import type { Block, Term } from './block'
import { broadcastTo, combining, from, list, type Shape } from './instructions'
import { counted, intOf, type Lowering } from './lowering'

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

/** A list of integers among the attributes of an operation. */
const integers = (numbers: readonly number[]): string =>
  numbers.length === 0 ? 'array<i64>' : `array<i64: ${numbers.join(', ')}>`

/** Numbers added up in the places that the last axis of the indices names; those that name a place outside are lost. */
const scattered = (block: Block, indices: Term, updates: Term, shape: Shape, named: number, vector: number): Term => {
  const zeros = block.splat(updates.dtype, 0, shape)
  const window = count(shape.length - named, updates.shape.length - (shape.length - named))
  return block.add(
    `"stablehlo.scatter"(${zeros.name}, ${indices.name}, ${updates.name}) <{scatter_dimension_numbers = #stablehlo.scatter<` +
      `update_window_dims = ${list(window)}, inserted_window_dims = ${list(count(named))}, ` +
      `scatter_dims_to_operand_dims = ${list(count(named))}, index_vector_dim = ${vector}>, ` +
      `indices_are_sorted = false, unique_indices = false}> ${combining('add', updates.dtype)}`,
    { dtype: updates.dtype, shape },
    from(zeros, indices, updates),
  )
}

/** Rows added up by the number that each is given. */
export const addRows = (block: Block, rows: Term, numbers: Term, shape: Shape): Term =>
  scattered(block, numbers, rows, shape, 1, numbers.shape.length)

const gathered: Lowering = ({ block, of }, one) => {
  const [input, indices, axis] = one.inputs
  const x = of(input!)
  const places = of(indices!)
  return [
    take(block, x, places, counted(integerOf(axis!), x.shape.length), counted(intOf(one, 'batch_dims', 0), places.shape.length)),
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
  const places = of(indices!)
  return [scattered(block, places, of(updates!), outputs[0]!.shape, places.shape.at(-1)!, places.shape.length - 1)]
}

const segmentSum: Lowering = ({ block, of }, { inputs: [rows, numbers], outputs }) => [
  addRows(block, of(rows!), of(numbers!), outputs[0]!.shape),
]

export const GATHERING = {
  GatherNd: gatheredNd,
  GatherV2: gathered,
  ScatterNd: scatteredNd,
  UnsortedSegmentSum: segmentSum,
} as const satisfies Partial<Record<OperationType, Lowering>>
