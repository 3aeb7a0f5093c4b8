/** Functions of a graph, which XLA compiles into one kernel each: for elementwise code that is used many times. */
import type { Output } from './capi'
import { type Dtype, dtypeName } from './dtype'
import { type Graph, newGraph } from './graph'

export interface Called {
  /** The function's name, which is the type of the operations that call it. */
  readonly name: string
  /** What its outputs are, in their order. */
  readonly results: readonly string[]
}

/** An input of a function. */
export interface Parameter {
  readonly key: string
  readonly dtype: Dtype
  readonly shape: readonly number[]
}

export interface Functions {
  /** The function of this name for inputs of these shapes; made by `body` if there is none yet. */
  readonly of: (
    name: string,
    inputs: readonly Parameter[],
    body: (graph: Graph, inputs: Readonly<Record<string, Output>>) => Readonly<Record<string, Output>>,
  ) => Called
}

/** Adds a function to a graph; its body is a graph of its own. Gives the names of its results. */
export const define = (
  graph: Graph,
  name: string,
  inputs: readonly Parameter[],
  body: Parameters<Functions['of']>[2],
): readonly string[] => {
  const { tensorflow } = graph
  const { api, checked } = tensorflow
  const inner = newGraph(tensorflow)
  try {
    const placeholders = inputs.map(({ key, dtype, shape }) => [key, inner.placeholder(key, dtype, shape)] as const)
    const results = body(inner, Object.fromEntries(placeholders))
    const [from, to] = [placeholders.map(([, of]) => of), Object.values(results)]
    const made = checked((status) =>
      api.GraphToFunction(inner.pointer, name, 0, -1, null, from.length, from, to.length, to, null, null, null, status),
    )
    checked((status) => api.GraphCopyFunction(graph.pointer, made, null, status))
    api.DeleteFunction(made)
    return Object.keys(results)
  } finally {
    inner.dispose()
  }
}

export const newFunctions = (graph: Graph): Functions => {
  const known = new Map<string, Called>()
  return {
    of: (name, inputs, body) => {
      const signature = `${name} ${inputs.map(({ key, dtype, shape }) => `${key} ${dtypeName(dtype)}[${shape.join()}]`).join(' ')}`
      const found = known.get(signature)
      if (found !== undefined) return found
      // Names of functions have letters, digits and underscores.
      const own = `${name.replace(/\W/g, '_')}_${known.size}`
      const called = { name: own, results: define(graph, own, inputs, body) }
      known.set(signature, called)
      return called
    },
  }
}
