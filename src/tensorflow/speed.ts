/** How fast TensorFlow multiplies matrices and moves memory here and now: a short graph, timed operation by operation. */

import { DTYPE } from '../graph/dtype'
import type { Output, Pointer, TensorFlow } from './capi'
import { integers, newGraph, output } from './graph'
import { openSession } from './session'
import { tensorOf } from './tensor'

export interface Speed {
  /** Floating-point operations a second, in matrix products. */
  readonly flops: number
  /** Bytes read and written a second, in elementwise operations. */
  readonly moved: number
}

const FLOAT = { type: DTYPE.float32 }
const INT = { type: DTYPE.int32 }
/** The product is [ROWS, INNER] · [INNER, INNER]. */
const [ROWS, INNER] = [2048, 1024] as const
/** Values of what is added: 32 MB. */
const ADDED = 2 ** 23
/** Each of these is timed once, and as many products. The first is slow, as kernels and threads are made. */
const SUMS = ['Add', 'Sub', 'Mul', 'Maximum', 'Minimum'] as const

const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!

/** Measures, for less than half a second. Sizes are fed, as TensorFlow computes ahead what is constant. */
export const measureSpeed = async (tensorflow: TensorFlow, threads = 0): Promise<Speed> => {
  const graph = newGraph(tensorflow)
  const T = { T: FLOAT }
  const size = graph.placeholder('size', DTYPE.int32, [2])
  const flat = graph.placeholder('flat', DTYPE.int32, [2])
  const [two, three] = [graph.placeholder('two', DTYPE.float32, []), graph.placeholder('three', DTYPE.float32, [])]
  const filled = (dims: Output, value: Output): Output =>
    output(graph.node('Fill', [dims, value], { attributes: { ...T, index_type: INT } }))
  // One after the other, each with memory of its own; of each result one number is used, so that none is left out.
  let before: readonly Pointer[] = []
  const firsts: Output[] = []
  const timed = (type: string, name: string, inputs: readonly Output[]): void => {
    const operation = graph.node(type, inputs, { name, attributes: T, after: before })
    const first = graph.node('Slice', [output(operation), integers(graph, [0, 0]), integers(graph, [1, 1])], {
      attributes: { ...T, Index: INT },
    })
    before = [first]
    firsts.push(output(first))
  }
  const left = filled(size, two)
  const right = filled(output(graph.node('Minimum', [size, integers(graph, INNER)], { attributes: { T: INT } })), two)
  const wide = [filled(flat, two), filled(flat, three)]
  for (const type of SUMS) timed('MatMul', `product/${type}`, [left, right])
  for (const type of SUMS) timed(type, `sum/${type}`, wide)
  const sum = output(graph.node('AddN', [firsts], { attributes: T }))
  const session = openSession(graph, { threads })
  try {
    const dims = (values: readonly number[]) => tensorOf(tensorflow, DTYPE.int32, [2], Int32Array.from(values))
    const one = (value: number) => tensorOf(tensorflow, DTYPE.float32, [], Float32Array.of(value))
    const timings = await session.trace(
      [
        [size, dims([ROWS, INNER])],
        [flat, dims([1, ADDED])],
        [two, one(2)],
        [three, one(3)],
      ],
      [sum],
    )
    const seconds = (prefix: string): number =>
      median(timings.filter(({ name }) => name.startsWith(prefix)).map(({ microseconds }) => Math.max(1, microseconds))) / 1e6
    return {
      flops: (2 * ROWS * INNER * INNER) / seconds('product/'),
      moved: (3 * 4 * ADDED) / seconds('sum/'),
    }
  } finally {
    session.dispose()
  }
}
