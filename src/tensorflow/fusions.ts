/** What a TensorFlow can compute in one go. Builds for other processors lack the one or the other; asked by trying. */

import { DTYPE } from '../graph/dtype'
import type { Pointer, TensorFlow } from './capi'
import { define } from './functions'
import { type Graph, newGraph, output } from './graph'
import { biasedProduct } from './products'
import { openSession } from './session'

export interface Fusions {
  /** Elementwise code as one kernel: XLA for the CPU is built in. */
  readonly kernels: boolean
  /** A product of matrices and its bias by the batched kernel of oneDNN, which in bfloat16 is the faster one. */
  readonly biasedProducts: boolean
}

/** Operation by operation. */
export const NO_FUSIONS: Fusions = { kernels: false, biasedProducts: false }

/** Whether an operation runs. */
const runs = async (tensorflow: TensorFlow, threads: number, make: (graph: Graph) => Pointer): Promise<boolean> => {
  const graph = newGraph(tensorflow)
  try {
    const made = make(graph)
    // The first session of a process decides on the threads of all.
    const session = openSession(graph, { threads })
    try {
      for (const tensor of await session.run([], [output(made)])) tensorflow.api.DeleteTensor(tensor)
      return true
    } finally {
      session.dispose()
    }
  } catch {
    return false
  }
}

const kernel = (graph: Graph): Pointer => {
  define(graph, 'probe', [{ name: 'x', dtype: DTYPE.float32, shape: [1] }], (inner, [x]) => [
    output(inner.node('Neg', [x!], { attributes: { T: { type: DTYPE.float32 } } })),
  ])
  const x = graph.constant(DTYPE.float32, [1], Float32Array.of(1))
  return graph.node('probe', [x], { attributes: { _XlaMustCompile: { bool: true } } })
}

const product = (graph: Graph): Pointer => {
  const constant = (shape: readonly number[]) => {
    const values = graph.constant(DTYPE.float32, shape, new Float32Array(shape.reduce((a, b) => a * b, 1)).fill(1))
    const attributes = { SrcT: { type: DTYPE.float32 }, DstT: { type: DTYPE.bfloat16 } }
    return output(graph.node('Cast', [values], { attributes }))
  }
  return biasedProduct(
    graph,
    { a: constant([2, 2]), b: constant([2, 2]), bias: constant([2]) },
    { transposeA: false, transposeB: true },
  )
}

const probed = new WeakMap<TensorFlow, Promise<Fusions>>()

/** What this TensorFlow can fuse. */
export const fusionsOf = (tensorflow: TensorFlow, threads: number): Promise<Fusions> => {
  const known = probed.get(tensorflow)
  if (known !== undefined) return known
  const answer = (async () => ({
    kernels: await runs(tensorflow, threads, kernel),
    biasedProducts: await runs(tensorflow, threads, product),
  }))()
  probed.set(tensorflow, answer)
  return answer
}
