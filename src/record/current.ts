/**
 * Which recording tfjs ops go to. tfjs has one backend of a name in a process, and its kernels are told no more than that:
 * so which graph the backend stands for at a moment is the process's too. It is kept here and nowhere else; it is set while
 * a function runs, and put back behind it.
 */
import type { NoValue } from '../base/engineError'
import type { Graph } from '../graph/graph'
import type { Value, Values } from '../graph/operation'
import { onBackend } from '../nn/onBackend'
import { type Bfloat16, newBfloat16 } from './bfloat16'
import type { Bodies } from './bodies'

/** The name of the tfjs backend that records: that of tfjs-node's kernels, whatever computes in the end. */
export const RECORDER = 'tensorflow'

/** Products are the costly part; all other ops, and what products give, stay float32. */
export type Precision = 'float32' | 'bfloat16'

/** A dimension that is known only when the graph runs: tfjs sees a number in its place. */
export interface Unknown {
  /** A prime that divides no dimension of the program, larger than the numbers that are written out as constants. */
  readonly standIn: number
  /** The dimension, an int32 scalar. */
  readonly size: Value
}

/** What is known of a graph while it is recorded. */
export interface Own {
  readonly graph: Graph
  /** By the numbers under which tfjs-node's backend knows them. */
  readonly outputs: Map<number, Value>
  readonly unknown: Unknown | undefined
  readonly read: ((of: Value) => Promise<Values>) | undefined
  /** Undefined where nothing is fused. */
  readonly bodies: Bodies | undefined
  readonly precision: Precision
  readonly bfloat16: Bfloat16
  /** Small constants, by type, shape and values: most are used many times. */
  readonly constants: Map<string, Value>
  /** Why values that were promised can't be given, for whoever asks; a function of the graph has those of the graph. */
  readonly owed: NoValue[]
}

export const newOwn = (graph: Graph, of: Partial<Pick<Own, 'unknown' | 'read' | 'bodies' | 'precision' | 'owed'>>): Own => ({
  graph,
  outputs: new Map(),
  bfloat16: newBfloat16(graph),
  constants: new Map(),
  unknown: undefined,
  read: undefined,
  bodies: undefined,
  precision: 'float32',
  owed: [],
  ...of,
})

let current: Own | undefined

export const here = (): Own => {
  if (current === undefined) throw new Error('nothing is being recorded')
  return current
}

/** The error of a promise that was broken since this was last asked. */
export const owed = (): NoValue | undefined => current?.owed.splice(0).at(-1)

/** Runs tfjs code with the ops going to one graph. */
export const within = <A>(own: Own, f: () => A): A => {
  const before = current
  current = own
  try {
    return onBackend(RECORDER, f)
  } finally {
    current = before
  }
}

/** Lets ops go to one graph from now on. */
export const goOnWith = (own: Own): void => {
  current = own
}

// Tensors of all graphs are numbered alike: so one of another graph is told from those of the current one.
let numbered = 0
export const newId = (): number => numbered++
