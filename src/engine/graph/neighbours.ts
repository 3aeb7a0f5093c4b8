/** The rows of a bank that are most similar to queries, found by TensorFlow. */

import type { TensorFlow } from '../../tensorflow/capi'
import type { ConfigOptions } from '../../tensorflow/config'
import { DTYPE } from '../../tensorflow/dtype'
import { newGraph, output } from '../../tensorflow/graph'
import { openSession } from '../../tensorflow/session'
import { floatsOf, tensorOf } from '../../tensorflow/tensor'
import { variable } from '../../tensorflow/variable'
import type { Interpreter } from '../interpreter'

/** In a graph and a session of its own: TensorFlow goes through all of a graph that grows, and a step's has thousands of operations. */
export const neighbours =
  (tensorflow: TensorFlow, options: ConfigOptions): Interpreter['neighbours'] =>
  (bank, width) => {
    const rows = bank.length / width
    const graph = newGraph(tensorflow)
    const held = variable(graph, 'bank', [rows, width])
    const queries = graph.placeholder('queries', DTYPE.float32, [-1, width])
    const count = graph.placeholder('k', DTYPE.int32, [])
    const T = { type: DTYPE.float32 }
    const product = graph.node('MatMul', [queries, held.value], { attributes: { T, transpose_b: { bool: true } } })
    // Of equally similar rows the lower index comes first, as elsewhere.
    const top = graph.node('TopKV2', [output(product), count], { attributes: { T } })
    const session = openSession(graph, options)
    const floats = (shape: readonly number[], values: Float32Array) => tensorOf(tensorflow, DTYPE.float32, shape, values)
    const ready = session.run([[held.initial, floats([rows, width], bank)]], [], [held.initialize])
    // Where it failed, `nearest` says so.
    ready.catch(() => undefined)
    return {
      nearest: async (some, number, k) => {
        await ready
        const size = Math.min(k, rows)
        const feeds = [
          [queries, floats([number, width], some)],
          [count, tensorOf(tensorflow, DTYPE.int32, [], Int32Array.of(size))],
        ] as const
        const found = await session.run(feeds, [output(top, 0), output(top, 1)])
        const [similarities, places] = found.map((tensor) => floatsOf(tensorflow, tensor))
        for (const tensor of found) tensorflow.api.DeleteTensor(tensor)
        const indices = new Uint32Array(places!.buffer)
        return Array.from({ length: number }, (_, i) => ({
          indices: indices.subarray(i * size, (i + 1) * size),
          similarities: similarities!.subarray(i * size, (i + 1) * size),
        }))
      },
      dispose: session.dispose,
    }
  }
