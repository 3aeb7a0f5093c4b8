/** Variables: values that stay in TensorFlow's memory from run to run. */

import { DTYPE } from '../graph/dtype'
import type { Output, Pointer } from './capi'
import { type Graph, output } from './graph'

export interface Variable {
  readonly name: string
  /** The value before the run. */
  readonly value: Output
  /** Takes the first value, which `initialize` stores. */
  readonly initial: Output
  readonly initialize: Pointer
  /** An operation of this name that stores a value, after others if need be. */
  readonly assign: (name: string, value: Output, after?: readonly Pointer[]) => Pointer
  /** An operation that frees its memory. */
  readonly destroy: Pointer
}

/** A float32 variable of a graph. */
export const variable = (graph: Graph, name: string, shape: readonly number[]): Variable => {
  const dtype = { type: DTYPE.float32 }
  const handle = output(
    graph.node('VarHandleOp', [], { name, attributes: { dtype, shape: { shape }, shared_name: { string: name } } }),
  )
  const initial = graph.placeholder(`${name}/initial`, DTYPE.float32, shape)
  const assign: Variable['assign'] = (as, value, after = []) =>
    graph.node('AssignVariableOp', [handle, value], { name: as, attributes: { dtype }, after })
  return {
    name,
    value: output(graph.node('ReadVariableOp', [handle], { name: `${name}/read`, attributes: { dtype } })),
    initial,
    initialize: assign(`${name}/initialize`, initial),
    assign,
    destroy: graph.node('DestroyResourceOp', [handle], { name: `${name}/destroy` }),
  }
}
