/** Kernels of tfjs-node that are replaced, because they ask for values or can be said better. */
import * as tf from '@tensorflow/tfjs-core'
import { DTYPE } from './dtype'

type Kernel = Parameters<typeof tf.registerKernel>[0]

const BACKEND = 'tensorflow'
const TF_ATTR_INT = 1
const TF_ATTR_TYPE = 4

interface Executing {
  readonly executeSingleOutput: (type: string, attributes: readonly object[], inputs: readonly tf.TensorInfo[]) => tf.Tensor
}

/** tfjs-node's reads the indices back to check them. */
const gather: Kernel = {
  kernelName: 'GatherV2',
  backendName: BACKEND,
  kernelFunc: ({ inputs, attrs, backend }) => {
    const { x, indices } = inputs as { readonly x: tf.TensorInfo; readonly indices: tf.TensorInfo }
    const { axis, batchDims } = attrs as unknown as { readonly axis: number; readonly batchDims: number }
    return (backend as unknown as Executing).executeSingleOutput(
      'GatherV2',
      [
        { name: 'batch_dims', type: TF_ATTR_INT, value: batchDims },
        { name: 'Tparams', type: TF_ATTR_TYPE, value: x.dtype === 'int32' ? DTYPE.int32 : DTYPE.float32 },
        { name: 'Tindices', type: TF_ATTR_TYPE, value: DTYPE.int32 },
        { name: 'Taxis', type: TF_ATTR_TYPE, value: DTYPE.int32 },
      ],
      [x, indices, tf.scalar(axis, 'int32')],
    )
  },
}

export const replaceKernels = (): void => {
  for (const kernel of [gather]) {
    tf.unregisterKernel(kernel.kernelName, kernel.backendName)
    tf.registerKernel(kernel)
  }
}
