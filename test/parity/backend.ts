/** What computes the numbers that are compared. */
import * as E from 'fp-ts/Either'
import koffi from 'koffi'
import type { Backend } from '../../src/engine/backends'
import type { Engine } from '../../src/engine/engine'
import { openEngine } from '../../src/engine/openEngine'
import type { Output, Pointer, TensorFlow } from '../../src/tensorflow/capi'
import { configProto } from '../../src/tensorflow/config'
import { DTYPE } from '../../src/tensorflow/dtype'
import { newGraph } from '../../src/tensorflow/graph'
import { newRecorder } from '../../src/tensorflow/recorder'
import type { Values } from '../../src/tensorflow/tensor'

/**
 * tfjs ops on TensorFlow as they come: each is recorded, and a value that is asked for is computed from the graph as it
 * is by then. So the same code that other backends run op by op goes through the recorder and its kernels.
 */
const lazily = (tensorflow: TensorFlow): void => {
  const graph = newGraph(tensorflow)
  const { api, checked } = tensorflow
  const options = api.NewSessionOptions()
  const proto = configProto({ threads: 0 })
  checked((status) => api.SetConfig(options, proto, proto.length, status))
  const session = checked((status) => api.NewSession(graph.pointer, options, status))
  const read = (of: Output): Values => {
    const results: (Pointer | null)[] = [null]
    checked((status) => api.SessionRun(session, null, [], [], 0, [of], results, 1, [], 0, null, status))
    const tensor = results[0]!
    const bytes = koffi.view(api.TensorData(tensor), Number(api.TensorByteSize(tensor))).slice(0)
    api.DeleteTensor(tensor)
    switch (graph.info(of).dtype) {
      case DTYPE.float32:
        return new Float32Array(bytes)
      case DTYPE.int32:
        return new Int32Array(bytes)
      default:
        return new Uint8Array(bytes)
    }
  }
  newRecorder(graph, { read }).use()
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
  if (engine.recording !== undefined) lazily(engine.recording)
  return E.right(undefined)
}
