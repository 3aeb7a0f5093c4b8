/** A graph's operations as plain values, for what reads a graph instead of running it. */
import type { Output, Pointer } from './capi'
import type { Attributes, Graph, OutputInfo } from './graph'

/** One output of an operation. */
export interface Value {
  readonly of: Operation
  readonly output: number
}

export interface Operation {
  readonly name: string
  readonly type: string
  /** Lists are laid out one after the other. */
  readonly inputs: readonly Value[]
  readonly attributes: Attributes
  readonly outputs: readonly OutputInfo[]
}

/** What an output holds. */
export const infoOf = ({ of, output }: Value): OutputInfo => of.outputs[output]!

/** All operations of a graph, in the order in which they were recorded. */
export const operationsOf = (graph: Graph): readonly Operation[] => {
  const { api } = graph.tensorflow
  const known = new Map<Pointer, Operation>()
  const valueFrom = ({ oper, index }: Output): Value => ({ of: known.get(oper)!, output: index })
  return graph.nodes.map(({ name, type, inputs, attributes, operation }) => {
    const outputs = Array.from({ length: api.OperationNumOutputs(operation) }, (_, index) =>
      graph.info({ oper: operation, index }),
    )
    const one: Operation = { name, type, inputs: (inputs.flat() as readonly Output[]).map(valueFrom), attributes, outputs }
    known.set(operation, one)
    return one
  })
}

/** Those operations, in their order, that some of them need, themselves among them: what TensorFlow runs for these. */
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
