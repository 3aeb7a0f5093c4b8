/** What computes the numbers that are compared. */
import * as E from 'fp-ts/Either'
import koffi from 'koffi'
import type { Backend } from '../../src/engine/backends'
import type { Engine } from '../../src/engine/engine'
import { openEngine } from '../../src/engine/openEngine'
import { DTYPE } from '../../src/graph/dtype'
import { newGraph } from '../../src/graph/graph'
import { infoOf, type Value, type Values } from '../../src/graph/operation'
import { newRecorder } from '../../src/record/recorder'
import type { Pointer, TensorFlow } from '../../src/tensorflow/capi'
import { configProto } from '../../src/tensorflow/config'
import { NO_FUSIONS } from '../../src/tensorflow/fusions'
import { newTranslation } from '../../src/tensorflow/translate'

/**
 * tfjs ops on TensorFlow as they come: each is recorded, and a value that is asked for is computed from the graph as it
 * is by then. So the same code that other backends run op by op goes through the recorder and its kernels.
 */
const lazily = (tensorflow: TensorFlow): void => {
  const { api, checked } = tensorflow
  const translation = newTranslation(tensorflow, NO_FUSIONS)
  const options = api.NewSessionOptions()
  const proto = configProto({ threads: 0 })
  checked((status) => api.SetConfig(options, proto, proto.length, status))
  const session = checked((status) => api.NewSession(translation.native.pointer, options, status))
  const read = (of: Value): Values => {
    const results: (Pointer | null)[] = [null]
    checked((status) => api.SessionRun(session, null, [], [], 0, [translation.output(of)], results, 1, [], 0, null, status))
    const tensor = results[0]!
    const bytes = koffi.view(api.TensorData(tensor), Number(api.TensorByteSize(tensor))).slice(0)
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
  newRecorder(newGraph(), { read, fuse: false }).use()
}

/** The backend of this process's comparisons: of those that go op by op, and of whole programs. */
let engine: Engine | undefined
export const currentEngine = (): Engine => {
  if (engine === undefined) throw new Error('no engine is in use')
  return engine
}

/** Makes a backend the one that computes; says why if it can't. */
export const useEngine = async (backend: Backend): Promise<E.Either<string, void>> => {
  const opened = await openEngine({
    backend,
    tell: (event) => {
      if (event.event === 'note') process.stderr.write(`${event.message}\n`)
    },
    signal: undefined,
  })()
  if (E.isLeft(opened)) return E.left('message' in opened.left ? opened.left.message : JSON.stringify(opened.left))
  engine = opened.right
  if (engine.library !== undefined) lazily(engine.library)
  return E.right(undefined)
}
