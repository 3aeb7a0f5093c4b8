/** A SavedModel as other programs load it: from its folder, by its tag. */

import { DTYPE } from '../graph/dtype'
import type { TensorFlow } from './capi'
import { openSavedModel } from './session'
import { floatsOf, shapeOf, tensorOf } from './tensor'

/** Runs the graph of the SavedModel in a folder once; `outputs` are names of operations whose first output is wanted. */
export const runSavedModel = async (
  tensorflow: TensorFlow,
  folder: string,
  input: { readonly name: string; readonly shape: readonly number[]; readonly values: Float32Array },
  outputs: readonly string[],
): Promise<readonly { readonly values: Float32Array; readonly shape: readonly number[] }[]> => {
  const { session, named } = openSavedModel(tensorflow, folder, { threads: 0, device: 'cpu' })
  try {
    const results = await session.run(
      [[named(input.name), tensorOf(tensorflow, DTYPE.float32, input.shape, input.values)]],
      outputs.map(named),
    )
    return results.map((tensor) => {
      const result = { values: floatsOf(tensorflow, tensor), shape: shapeOf(tensorflow, tensor) }
      tensorflow.api.DeleteTensor(tensor)
      return result
    })
  } finally {
    session.dispose()
  }
}
