/**
 * Values of a graph in bfloat16. Products of matrices take and give it, everything else sees float32; what would be widened
 * and then rounded again, or moved about in float32 only to be rounded, stays bfloat16 all the way.
 */
import type { Output, Pointer } from './capi'
import { DTYPE } from './dtype'
import { type Graph, type NodeRecord, output } from './graph'

const FLOAT = { type: DTYPE.float32 }
const BFLOAT = { type: DTYPE.bfloat16 }

export interface Bfloat16 {
  /** A float32 value in bfloat16 where that rounds nothing: it was bfloat16 before. */
  readonly exact: (of: Output) => Output | undefined
  /** A float32 value, rounded where it must be. */
  readonly rounded: (of: Output) => Output
  /** A bfloat16 value as float32. Who needs it in bfloat16 only gets that. */
  readonly widened: (of: Output) => Output
}

/** Operations that move values and change none, with how many of their inputs are values; the others are indices. */
const MOVING: Readonly<Record<string, number>> = {
  Reshape: 1,
  ExpandDims: 1,
  Squeeze: 1,
  Transpose: 1,
  SplitV: 1,
  GatherV2: 1,
  ConcatV2: 1,
}

const isWidening = ({ type, attributes }: NodeRecord): boolean =>
  type === 'Cast' && (attributes.SrcT as typeof BFLOAT | undefined)?.type === DTYPE.bfloat16

const isList = (input: Output | readonly Output[]): input is readonly Output[] => Array.isArray(input)

export const newBfloat16 = (graph: Graph): Bfloat16 => {
  const producers = new Map<Pointer, NodeRecord>()
  let seen = 0
  const producer = ({ oper }: Output): NodeRecord => {
    for (; seen < graph.nodes.length; seen++) producers.set(graph.nodes[seen]!.operation, graph.nodes[seen]!)
    return producers.get(oper)!
  }
  const cast = (from: Output, SrcT: typeof FLOAT | typeof BFLOAT, DstT: typeof FLOAT | typeof BFLOAT): Output =>
    output(graph.node('Cast', [from], { attributes: { SrcT, DstT } }))

  /** The operation again, of values in bfloat16. */
  const moved = ({ type, inputs, attributes }: NodeRecord, narrow: (of: Output) => Output): Pointer => {
    const values = MOVING[type]!
    const again = inputs.map((input, i) => (i >= values ? input : isList(input) ? input.map(narrow) : narrow(input)))
    const T = type === 'GatherV2' ? { Tparams: BFLOAT } : { T: BFLOAT }
    return graph.node(type, again, { attributes: { ...attributes, ...T } })
  }
  const valuesOf = ({ type, inputs }: NodeRecord): readonly Output[] => inputs.slice(0, MOVING[type]).flat() as readonly Output[]

  const isExact = (of: Output): boolean => {
    const from = producer(of)
    return isWidening(from) || (from.type in MOVING && valuesOf(from).every(isExact))
  }
  const movedTwins = new Map<Pointer, Pointer>()
  const roundedTwins = new Map<Pointer, Output[]>()
  const rounded = (of: Output): Output => {
    const from = producer(of)
    if (isWidening(from)) return from.inputs[0] as Output
    if (from.type in MOVING) {
      const twin = movedTwins.get(of.oper) ?? moved(from, rounded)
      movedTwins.set(of.oper, twin)
      return output(twin, of.index)
    }
    const twins = roundedTwins.get(of.oper) ?? []
    roundedTwins.set(of.oper, twins)
    twins[of.index] ??= cast(of, FLOAT, BFLOAT)
    return twins[of.index]!
  }
  return {
    exact: (of) => (isExact(of) ? rounded(of) : undefined),
    rounded,
    widened: (of) => cast(of, BFLOAT, FLOAT),
  }
}
