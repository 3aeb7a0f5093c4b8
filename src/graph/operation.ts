/** A graph as data: operations in the order in which they were recorded, each with what it takes, what it is told and what comes out. */
import type { Dtype } from './dtype'
import type { OperationType } from './types'

/** Numbers of a constant or of a tensor, by its dtype: truth values are bytes. */
export type Values = Float32Array | Int32Array | Uint8Array

/** What an operation is told besides its inputs; integers are not floats. */
export type Attribute =
  | { readonly type: Dtype }
  | { readonly bool: boolean }
  | { readonly int: number }
  | { readonly ints: readonly number[] }
  | { readonly float: number }
  | { readonly string: string }
  | { readonly strings: readonly string[] }
  | { readonly shape: readonly number[] }
  | { readonly tensor: { readonly dtype: Dtype; readonly shape: readonly number[]; readonly values: Values } }

export type Attributes = Readonly<Record<string, Attribute>>

export interface OutputInfo {
  readonly dtype: Dtype
  /** -1 where a dimension is known only when the graph runs. */
  readonly shape: readonly number[]
}

/**
 * One operation. Its type says what it computes, as TensorFlow's of the same name does, with the same inputs and attributes,
 * but for these:
 * - `Variable`: a float32 value that stays from run to run; what it gives is the value before the run.
 * - `Assign(variable, value, condition)`: the variable's value after the run, if the condition is true or none is given; gives nothing.
 * - `AllReduce`: the mean or the largest (`reduction`: 'mean', 'max') of what the same operation is given in all processes of a run.
 * - `Call`: its body, with the inputs in the place of the body's parameters. It may be computed as one kernel.
 */
export interface Operation {
  /** Its place in the graph: it takes nothing from those behind it. */
  readonly index: number
  /** Unique in the graph. */
  readonly name: string
  readonly type: OperationType
  /** Lists are laid out one after the other. */
  readonly inputs: readonly Value[]
  readonly attributes: Attributes
  readonly outputs: readonly OutputInfo[]
  /** Of a `Call`. */
  readonly body?: Body
}

/** One output of an operation. */
export interface Value {
  readonly of: Operation
  readonly output: number
}

/** A function of values: elementwise code that is used many times. */
export interface Body {
  /** Letters, digits and underscores; unique in the graph. */
  readonly name: string
  /** All operations, in their order, the parameters among them. */
  readonly operations: readonly Operation[]
  readonly parameters: readonly Operation[]
  readonly results: readonly Value[]
}

/** What an output holds. */
export const infoOf = ({ of, output }: Value): OutputInfo => of.outputs[output]!

/** The only output of an operation, or the one at `index`. */
export const output = (of: Operation, index = 0): Value => ({ of, output: index })

/** Those operations, in their order, that some of them need, themselves among them. */
export const needed = (operations: readonly Operation[], wanted: (operation: Operation) => boolean): readonly Operation[] => {
  const found = new Set<Operation>()
  // What an operation takes was recorded before it.
  for (const one of operations.toReversed())
    if (found.has(one) || wanted(one)) {
      found.add(one)
      for (const { of } of one.inputs) found.add(of)
    }
  return operations.filter((one) => found.has(one))
}
