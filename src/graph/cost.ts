/** What running a graph's operations takes, counted from their shapes: nothing is run. */
import { elements } from '../base/shape'
import { flag } from './attributes'
import { constantOf } from './constant'
import { bytesOf } from './dtype'
import { infoOf, type Operation, type OutputInfo, type Value } from './operation'
import type { OperationType } from './types'

export interface Cost {
  readonly operations: number
  /** Floating-point operations of the matrix products, two a multiplication with its addition. */
  readonly flops: number
  /** Bytes that all other operations read and write. */
  readonly moved: number
  /** The most bytes that values take at one time, variables and constants among them. */
  readonly peak: number
}

/** What every dimension comes to that is known only when the graph runs. */
type Unknown = number

const sizeOf = (shape: readonly number[], unknown: Unknown): number => elements(shape.map((dim) => (dim < 0 ? unknown : dim)))
const bytes = ({ dtype, shape }: OutputInfo, unknown: Unknown): number => bytesOf(dtype) * sizeOf(shape, unknown)

/** The bytes of a value. */
export const valueBytes = (value: Value, unknown: number): number => bytes(infoOf(value), unknown)

const PRODUCTS = new Set<OperationType>(['MatMul', 'BatchMatMulV2', '_FusedMatMul'])

/** Whether it is a product of matrices. */
export const isProduct = ({ type }: Operation): boolean => PRODUCTS.has(type)

/** Two a number of the result and a summand. */
const flopsOf = (one: Operation, unknown: Unknown): number => {
  if (!isProduct(one)) return 0
  const summands = infoOf(one.inputs[0]!).shape.at(
    flag(one.attributes, 'transpose_a') || flag(one.attributes, 'adj_x') ? -2 : -1,
  )!
  return 2 * sizeOf(one.outputs[0]!.shape, unknown) * sizeOf([summands], unknown)
}

/** Which input says along which axis it splits. */
const AXIS: Readonly<Partial<Record<OperationType, number>>> = { SplitV: 2 }
/** Which input an operation may only look at differently: a split does along the first axis, a cast between equal types. */
const VIEWS: Readonly<Partial<Record<OperationType, number>>> = {
  Identity: 0,
  Reshape: 0,
  ExpandDims: 0,
  Squeeze: 0,
  Cast: 0,
  SplitV: 0,
}

/** The input whose memory the outputs are, where an operation only looks at it differently. */
const viewed = (one: Operation): Value | undefined => {
  const from = one.inputs[VIEWS[one.type] ?? -1]
  if (from === undefined) return undefined
  if (one.type === 'Cast' && infoOf(from).dtype !== one.outputs[0]!.dtype) return undefined
  const axis = one.inputs[AXIS[one.type] ?? -1]
  return axis === undefined || constantOf(axis)?.[0] === 0 ? from : undefined
}

/** Those that write over an input that nobody else needs, where it is of the size of the result. */
const OVERWRITES = new Set<OperationType>([
  ...(['Abs', 'Add', 'AddN', 'AddV2', 'Div', 'Erf', 'Exp', 'Floor', 'Log', 'Maximum', 'Minimum', 'Mul', 'Neg', 'Pow'] as const),
  ...(['RealDiv', 'Relu', 'Rsqrt', 'Sigmoid', 'Softmax', 'Sqrt', 'Square', 'SquaredDifference', 'Sub', 'Tanh'] as const),
])

/** Operations that only hold what is there, or put it in another's place. */
const HOLDS = new Set<OperationType>(['Const', 'Placeholder', 'Variable', 'Assign', 'Size'])

const movedBy = (one: Operation, unknown: Unknown): number =>
  HOLDS.has(one.type) || isProduct(one) || viewed(one) !== undefined
    ? 0
    : [...one.inputs.map(infoOf), ...one.outputs].reduce((sum, info) => sum + bytes(info, unknown), 0)

/** A piece of memory, by when it is taken and last needed; what is held outside of a run is there before and after it. */
interface Block {
  readonly bytes: number
  readonly first: number
  last: number
}

/** The blocks of every operation's outputs, some of which share theirs with an input. */
const blocksOf = (operations: readonly Operation[], unknown: Unknown): ReadonlyMap<Operation, readonly Block[]> => {
  const blocks = new Map<Operation, readonly Block[]>()
  const of = ({ of, output }: Value): Block => blocks.get(of)![output]!
  const assigned = new Set(operations.flatMap(({ type, inputs }) => (type === 'Assign' ? [inputs[0]!.of] : [])))
  const made = (one: Operation, at: number): readonly Block[] => {
    const from = viewed(one)
    if (from !== undefined) return one.outputs.map(() => of(from))
    const held = (size: number, last: number): Block => ({ bytes: size, first: -1, last })
    switch (one.type) {
      case 'Variable':
        // What takes the place of a variable's value lets go of it.
        return [held(4 * elements(one.outputs[0]!.shape), assigned.has(one) ? at : Number.POSITIVE_INFINITY)]
      case 'Const':
      case 'Placeholder':
        return one.outputs.map((info) => held(bytes(info, unknown), Number.POSITIVE_INFINITY))
      default:
        return one.outputs.map((info) => ({ bytes: bytes(info, unknown), first: at, last: at }))
    }
  }
  operations.forEach((one, at) => {
    blocks.set(one, made(one, at))
    if (one.type === 'Assign') of(one.inputs[1]!).last = Number.POSITIVE_INFINITY
    else for (const input of one.inputs) of(input).last = Math.max(of(input).last, at)
  })
  return blocks
}

/** The most memory at one time, if operations run in their order. */
const peakOf = (operations: readonly Operation[], unknown: Unknown): number => {
  const blocks = blocksOf(operations, unknown)
  const all = new Set([...blocks.values()].flat())
  const ending = new Map<number, Block[]>()
  for (const block of all) ending.set(block.last, [...(ending.get(block.last) ?? []), block])
  const sum = (some: readonly Block[]): number => some.reduce((total, block) => total + block.bytes, 0)
  let live = sum([...all].filter(({ first }) => first < 0))
  let peak = live
  operations.forEach((one, at) => {
    const over = ending.get(at) ?? []
    const fresh = blocks.get(one)!.filter(({ first }) => first === at)
    const [result] = fresh
    const reused =
      result !== undefined &&
      OVERWRITES.has(one.type) &&
      over.some((block) => block.first < at && block.first >= 0 && block.bytes === result.bytes)
    live += sum(fresh)
    peak = Math.max(peak, live - (reused ? result.bytes : 0))
    live -= sum(over)
  })
  return peak
}

/** Counts operations in their order; `unknown` is what every dimension comes to that is known only when the graph runs. */
export const costOf = (operations: readonly Operation[], unknown: Unknown): Cost => ({
  operations: operations.filter(({ type }) => !HOLDS.has(type)).length,
  flops: operations.reduce((sum, one) => sum + flopsOf(one, unknown), 0),
  moved: operations.reduce((sum, one) => sum + movedBy(one, unknown), 0),
  peak: peakOf(operations, unknown),
})
