/** Products of matrices in bfloat16 with a bias, as operations of a graph. */

import { DTYPE } from '../graph/dtype'
import type { Output, Pointer } from './capi'
import { type Graph, integers, output } from './graph'

const BFLOAT = { type: DTYPE.bfloat16 }

interface Operands {
  readonly a: Output
  readonly b: Output
  /** [columns] */
  readonly bias: Output
}

/**
 * a · b + bias in bfloat16 by oneDNN's product of batches, which takes a factor and a summand of rank 4. For the products of
 * a ViT-S it takes two thirds of the time of _FusedMatMul. [1, 1, rows, columns].
 */
export const biasedProduct = (
  graph: Graph,
  { a, b, bias }: Operands,
  { transposeA, transposeB }: { readonly transposeA: boolean; readonly transposeB: boolean },
): Pointer => {
  const ranked = (matrix: Output, dims: readonly number[]): Output => {
    const attributes = { T: BFLOAT, Tdim: { type: DTYPE.int32 } }
    return dims.reduce((x, dim) => output(graph.node('ExpandDims', [x, integers(graph, dim)], { attributes })), matrix)
  }
  const one = output(
    graph.node('Cast', [graph.constant(DTYPE.float32, [], Float32Array.of(1))], {
      attributes: { SrcT: { type: DTYPE.float32 }, DstT: BFLOAT },
    }),
  )
  return graph.node('_MklFusedBatchMatMulV2', [ranked(a, [0, 0]), ranked(b, [0, 0]), [one, ranked(bias, [0, 0, 0])]], {
    attributes: {
      T: BFLOAT,
      adj_x: { bool: transposeA },
      adj_y: { bool: transposeB },
      fused_ops: { strings: ['Mul', 'Add'] },
    },
  })
}
