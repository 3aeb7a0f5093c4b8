/** Kernels of tfjs-node that are replaced, because they ask for values or because a graph has something faster. */
import * as tf from '@tensorflow/tfjs-core'
import { DTYPE } from '../graph/dtype'
import type { Graph } from '../graph/graph'
import { type Operation, output, type Value } from '../graph/operation'
import type { Bfloat16 } from './bfloat16'
import { type Precision, RECORDER } from './current'

type Kernel = Parameters<typeof tf.registerKernel>[0]

/** What a kernel works with: the graph that is being recorded, and tensors as its outputs. */
export interface Recording {
  readonly graph: Graph
  /** The output that a tensor stands for. */
  readonly output: (tensor: tf.TensorInfo) => Value
  /** A tensor that stands for an output of the graph. */
  readonly tensor: (of: Value) => tf.Tensor
  /** What products of matrices are computed in. */
  readonly precision: Precision
  readonly bfloat16: Bfloat16
}

/** A kernel of the recorder's backend. */
const kernel = <I, A>(kernelName: string, record: (inputs: I, attributes: A) => tf.TensorInfo): Kernel => ({
  kernelName,
  backendName: RECORDER,
  kernelFunc: ({ inputs, attrs }) => record(inputs as I, attrs as A),
})

const typeOf = (x: tf.TensorInfo) => ({ T: { type: x.dtype === 'int32' ? DTYPE.int32 : DTYPE.float32 } })
const gatherTypes = (x: tf.TensorInfo) => ({
  Tparams: typeOf(x).T,
  Tindices: { type: DTYPE.int32 },
  Taxis: { type: DTYPE.int32 },
})

interface Matrices {
  readonly a: tf.TensorInfo
  readonly b: tf.TensorInfo
}
interface Transposed {
  readonly transposeA: boolean
  readonly transposeB: boolean
}

/** Whether it is one matrix, whatever its rank. */
const isSingle = ({ shape }: tf.TensorInfo): boolean => shape.slice(0, -2).every((n) => n === 1)

/** A tensor of one matrix as that matrix. */
const matrix = (x: tf.TensorInfo): tf.Tensor => tf.reshape(x as tf.Tensor, x.shape.slice(-2))

/** A product of matrices in the recording's precision. */
const multiplied = (
  { output: of, tensor, precision, bfloat16 }: Recording,
  inputs: readonly tf.TensorInfo[],
  product: (inputs: readonly Value[]) => Operation,
): tf.Tensor => {
  if (precision === 'float32') return tensor(output(product(inputs.map(of))))
  return tensor(bfloat16.widened(output(product(inputs.map((input) => bfloat16.rounded(of(input)))))))
}

const kernels = (recording: () => Recording): readonly Kernel[] => {
  /** tfjs-node's reads the indices back to check them. */
  const gather = kernel<
    { readonly x: tf.TensorInfo; readonly indices: tf.TensorInfo },
    { readonly axis: number; readonly batchDims: number }
  >('GatherV2', ({ x, indices }, { axis, batchDims }) => {
    const { graph, output: of, tensor } = recording()
    const inputs = [of(x), of(indices), of(tf.scalar(axis, 'int32'))]
    return tensor(output(graph.add('GatherV2', inputs, { ...gatherTypes(x), batch_dims: { int: batchDims } })))
  })

  /** Products of single matrices are plain ones, which engines optimise further. */
  const product = kernel<Matrices, Transposed>('BatchMatMul', ({ a, b }, { transposeA, transposeB }) => {
    const { graph } = recording()
    if (!isSingle(a) || !isSingle(b)) {
      const adjoint = { ...typeOf(a), adj_x: { bool: transposeA }, adj_y: { bool: transposeB } }
      return multiplied(recording(), [a, b], (inputs) => graph.add('BatchMatMulV2', inputs, adjoint))
    }
    const transposed = { ...typeOf(a), transpose_a: { bool: transposeA }, transpose_b: { bool: transposeB } }
    const plain = multiplied(recording(), [matrix(a), matrix(b)], (inputs) => graph.add('MatMul', inputs, transposed))
    const rank = Math.max(a.shape.length, b.shape.length)
    return rank === 2 ? plain : tf.reshape(plain, [...Array.from({ length: rank - 2 }, () => 1), ...plain.shape])
  })

  /** tfjs-node's is a product, then a sum. */
  const productPlus = kernel<Matrices & { readonly bias: tf.TensorInfo }, Transposed>(
    '_FusedMatMul',
    ({ a, b, bias }, { transposeA, transposeB }) => {
      const { graph } = recording()
      const attributes = {
        ...typeOf(a),
        transpose_a: { bool: transposeA },
        transpose_b: { bool: transposeB },
        fused_ops: { strings: ['BiasAdd'] },
      }
      const y = multiplied(recording(), [matrix(a), matrix(b), bias], (inputs) => graph.add('_FusedMatMul', inputs, attributes))
      return tf.reshape(y, [1, ...y.shape.slice(-2)])
    },
  )

  return [gather, product, productPlus]
}

/** Replaces them; `recording` gives what is recorded when a kernel runs. */
export const replaceKernels = (recording: () => Recording): void => {
  for (const one of kernels(recording)) {
    tf.unregisterKernel(one.kernelName, one.backendName)
    tf.registerKernel(one)
  }
}
