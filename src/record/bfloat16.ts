/**
 * Values of a graph in bfloat16. Products of matrices take and give it, everything else sees float32; what would be widened
 * and then rounded again, or moved about in float32 only to be rounded, stays bfloat16 all the way.
 */
import { DTYPE, type Dtype } from '../graph/dtype'
import type { Graph } from '../graph/graph'
import { type Attributes, infoOf, type Operation, output, type Value } from '../graph/operation'

export interface Bfloat16 {
  /** A float32 value in bfloat16 where that rounds nothing: it was bfloat16 before. */
  readonly exact: (of: Value) => Value | undefined
  /** A float32 value, rounded where it must be. */
  readonly rounded: (of: Value) => Value
  /** A bfloat16 value as float32. Who needs it in bfloat16 only gets that. */
  readonly widened: (of: Value) => Value
}

type Moving = 'ConcatV2' | 'ExpandDims' | 'GatherV2' | 'Reshape' | 'SplitV' | 'Squeeze' | 'Transpose'

/** Operations that move values and change none, with how many of their inputs are no values but indices. */
const INDICES: Readonly<Record<Moving, number>> = {
  ConcatV2: 1,
  ExpandDims: 1,
  GatherV2: 2,
  Reshape: 1,
  SplitV: 2,
  Squeeze: 0,
  Transpose: 1,
}

const isMoving = (of: Operation): of is Operation & { readonly type: Moving } => Object.hasOwn(INDICES, of.type)

const isWidening = ({ type, inputs }: Operation): boolean => type === 'Cast' && infoOf(inputs[0]!).dtype === DTYPE.bfloat16

/** What an operation is told but for types of numbers, which are now others. */
const untyped = ({ attributes }: Operation): Attributes =>
  Object.fromEntries(Object.entries(attributes).filter(([, attribute]) => !('type' in attribute)))

export const newBfloat16 = (graph: Graph): Bfloat16 => {
  const cast = (from: Value, DstT: Dtype): Value =>
    output(graph.add('Cast', [from], { SrcT: { type: infoOf(from).dtype }, DstT: { type: DstT } }))
  const movedTwins = new Map<Operation, Operation>()
  const roundedTwins = new Map<Operation, Value[]>()

  const isExact = ({ of }: Value): boolean =>
    isWidening(of) || (isMoving(of) && of.inputs.slice(0, of.inputs.length - INDICES[of.type]).every(isExact))
  const rounded = (value: Value): Value => {
    const { of } = value
    if (isWidening(of)) return of.inputs[0]!
    if (isMoving(of)) {
      const values = of.inputs.length - INDICES[of.type]
      const twin =
        movedTwins.get(of) ??
        graph.add(
          of.type,
          of.inputs.map((input, i) => (i < values ? rounded(input) : input)),
          untyped(of),
        )
      movedTwins.set(of, twin)
      return output(twin, value.output)
    }
    const twins = roundedTwins.get(of) ?? []
    roundedTwins.set(of, twins)
    twins[value.output] ??= cast(value, DTYPE.bfloat16)
    return twins[value.output]!
  }
  return {
    exact: (of) => (isExact(of) ? rounded(of) : undefined),
    rounded,
    widened: (of) => cast(of, DTYPE.float32),
  }
}
