/**
 * The WebAssembly backend multiplies matrices with XNNPACK only if neither is transposed; otherwise with a plain loop
 * that is about ten times slower. So transposes are made first, which costs little.
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

let replaced = false

/** Replaces the backend's matrix product, once. */
export const preferExplicitTransposes = (): void => {
  const product = tf.getKernel('BatchMatMul', 'wasm') as Kernel | undefined
  const transpose = tf.getKernel('Transpose', 'wasm') as Kernel | undefined
  if (replaced || product === undefined || transpose === undefined) return
  replaced = true
  tf.unregisterKernel('BatchMatMul', 'wasm')
  tf.registerKernel({
    ...product,
    kernelFunc: (given) => {
      const { a, b } = given.inputs as { readonly a: tf.TensorInfo; readonly b: tf.TensorInfo }
      const { transposeA, transposeB } = given.attrs as unknown as { readonly transposeA: boolean; readonly transposeB: boolean }
      const backend = given.backend as { readonly disposeData: (id: object) => void }
      const single = a.shape.slice(0, -2).every((n) => n === 1) && b.shape.slice(0, -2).every((n) => n === 1)
      if (!single || (!transposeA && !transposeB)) return product.kernelFunc(given)
      const left = transposeA ? transposed(transpose, a, backend) : a
      const right = transposeB ? transposed(transpose, b, backend) : b
      const result = product.kernelFunc({
        ...given,
        inputs: { a: left, b: right },
        attrs: { transposeA: false, transposeB: false },
      } as unknown as KernelArguments)
      if (left !== a) backend.disposeData(left.dataId)
      if (right !== b) backend.disposeData(right.dataId)
      return result
    },
  })
}
