/**
 * Kernels of the WebAssembly backend, made faster; what they compute stays the same.
 *
 * It multiplies matrices with XNNPACK only if neither is transposed; otherwise with a plain loop that is about ten
 * times slower. So transposes are made first, which costs little. And its Identity copies, where the other backends
 * share the buffer: tfjs calls it for every tensor that it saves for a backward pass.
 */
import * as tf from '@tensorflow/tfjs-core'

type Kernel = Parameters<typeof tf.registerKernel>[0]
type KernelArguments = Parameters<Kernel['kernelFunc']>[0]

/** A tensor with its last two axes exchanged, made by the backend's own kernel. */
const transposed = (transpose: Kernel, x: tf.TensorInfo, backend: unknown): tf.TensorInfo => {
  const rank = x.shape.length
  const perm = [...Array.from({ length: rank - 2 }, (_, axis) => axis), rank - 1, rank - 2]
  return transpose.kernelFunc({ inputs: { x }, attrs: { perm }, backend } as KernelArguments) as tf.TensorInfo
}

/** Shares the buffer. */
const identity: Kernel = {
  kernelName: 'Identity',
  backendName: 'wasm',
  kernelFunc: (given) => {
    const { x } = given.inputs as { readonly x: tf.TensorInfo }
    ;(given.backend as { readonly incRef: (id: object) => void }).incRef(x.dataId)
    return { dataId: x.dataId, shape: x.shape, dtype: x.dtype }
  },
}

/** Replaces the backend's kernels, once: tfjs's list of kernels tells whether they are. */
export const improveWasm = (): void => {
  const kernel = (name: string): Kernel | undefined => tf.getKernel(name, 'wasm')
  const transpose = kernel('Transpose')
  if (transpose === undefined || kernel(identity.kernelName)?.kernelFunc === identity.kernelFunc) return
  for (const product of [kernel('BatchMatMul'), kernel('_FusedMatMul')])
    if (product !== undefined) replace(productOf(product, transpose))
  replace(identity)
}

const replace = (kernel: Kernel): void => {
  tf.unregisterKernel(kernel.kernelName, kernel.backendName)
  tf.registerKernel(kernel)
}

/** A matrix product that transposes first. */
const productOf = (product: Kernel, transpose: Kernel): Kernel => ({
  ...product,
  kernelFunc: (given) => {
    const { a, b } = given.inputs as { readonly a: tf.TensorInfo; readonly b: tf.TensorInfo }
    const { transposeA, transposeB } = given.attrs as { readonly transposeA: boolean; readonly transposeB: boolean }
    const backend = given.backend as { readonly disposeData: (id: object) => void }
    const single = a.shape.slice(0, -2).every((n) => n === 1) && b.shape.slice(0, -2).every((n) => n === 1)
    if (!single || (!transposeA && !transposeB)) return product.kernelFunc(given)
    const left = transposeA ? transposed(transpose, a, backend) : a
    const right = transposeB ? transposed(transpose, b, backend) : b
    const result = product.kernelFunc({
      ...given,
      inputs: { ...given.inputs, a: left, b: right },
      attrs: { ...(given.attrs as object), transposeA: false, transposeB: false },
    } as KernelArguments)
    if (left !== a) backend.disposeData(left.dataId)
    if (right !== b) backend.disposeData(right.dataId)
    return result
  },
})
