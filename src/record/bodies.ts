/** Bodies of calls: elementwise code that is used many times is recorded once for inputs of the same types and shapes. */
import { type Dtype, dtypeName } from '../graph/dtype'
import { type Graph, newGraph } from '../graph/graph'
import type { Body, Value } from '../graph/operation'

/** An input of a body. */
export interface Parameter {
  readonly key: string
  readonly dtype: Dtype
  readonly shape: readonly number[]
}

/** A body, and what its results are called, in their order. */
export interface NamedBody {
  readonly body: Body
  readonly results: readonly string[]
}

export interface Bodies {
  /** The body of this name for inputs of these shapes; made by `record` if there is none yet. */
  readonly of: (
    name: string,
    inputs: readonly Parameter[],
    record: (graph: Graph, inputs: Readonly<Record<string, Value>>) => Readonly<Record<string, Value>>,
  ) => NamedBody
}

export const newBodies = (): Bodies => {
  const known = new Map<string, NamedBody>()
  return {
    of: (name, inputs, record) => {
      const signature = `${name} ${inputs.map(({ key, dtype, shape }) => `${key} ${dtypeName(dtype)}[${shape.join()}]`).join(' ')}`
      const found = known.get(signature)
      if (found !== undefined) return found
      const graph = newGraph()
      const parameters = inputs.map(({ key, dtype, shape }) => [key, graph.placeholder(key, dtype, shape)] as const)
      const results = record(graph, Object.fromEntries(parameters))
      const body: Body = {
        name: `${name.replace(/\W/g, '_')}_${known.size}`,
        operations: graph.operations,
        parameters: parameters.map(([, { of }]) => of),
        results: Object.values(results),
      }
      const made = { body, results: Object.keys(results) }
      known.set(signature, made)
      return made
    },
  }
}
