/** Functions of a graph, which XLA compiles into one kernel each: for elementwise code that is used many times. */
import type { Dtype } from '../graph/dtype'
import type { Output } from './capi'
import { type Graph, newGraph } from './graph'

/** An input of a function. */
export interface Parameter {
  readonly name: string
  readonly dtype: Dtype
  readonly shape: readonly number[]
}

/** Adds a function of this name to a graph; its body is a graph of its own. */
export const define = (
  graph: Graph,
  name: string,
  parameters: readonly Parameter[],
  body: (graph: Graph, inputs: readonly Output[]) => readonly Output[],
): void => {
  const { tensorflow } = graph
  const { api, checked } = tensorflow
  const inner = newGraph(tensorflow)
  try {
    const from = parameters.map(({ name, dtype, shape }) => inner.placeholder(name, dtype, shape))
    const to = body(inner, from)
    const made = checked((status) =>
      api.GraphToFunction(inner.pointer, name, 0, -1, null, from.length, from, to.length, to, null, null, null, status),
    )
    checked((status) => api.GraphCopyFunction(graph.pointer, made, null, status))
    api.DeleteFunction(made)
  } finally {
    inner.dispose()
  }
}
