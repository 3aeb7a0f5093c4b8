/** Values of a graph, computed by TensorFlow. */
import { koffi } from '../../src/base/foreign'
import { DTYPE } from '../../src/graph/dtype'
import { infoOf, type Value, type Values } from '../../src/graph/operation'
import type { Pointer, TensorFlow } from '../../src/tensorflow/capi'
import { NO_FUSIONS } from '../../src/tensorflow/fusions'
import { openSession } from '../../src/tensorflow/session'
import { newTranslation } from '../../src/tensorflow/translate'
import type { Compute } from './together'

/** The values of a tensor, which is deleted. */
const taken = ({ api }: TensorFlow, tensor: Pointer, of: Value): Values => {
  const size = Number(api.TensorByteSize(tensor))
  const bytes = size === 0 ? new ArrayBuffer(0) : koffi.view(api.TensorData(tensor), size).slice(0)
  api.DeleteTensor(tensor)
  switch (infoOf(of).dtype) {
    case DTYPE.float32:
      return new Float32Array(bytes)
    case DTYPE.int32:
      return new Int32Array(bytes)
    default:
      return new Uint8Array(bytes)
  }
}

/** The graph of values grows in one session. */
export const byTensorFlow = (tensorflow: TensorFlow): Compute => {
  const translation = newTranslation(tensorflow, NO_FUSIONS)
  const session = openSession(translation.native, { threads: 0 })
  return async (values) => {
    const results = await session.run([], values.map(translation.output))
    return results.map((tensor, i) => taken(tensorflow, tensor, values[i]!))
  }
}
