/** Running a graph, off JavaScript's thread: other work goes on while a step computes. */
import type { Output, Pointer, TensorFlow } from './capi'
import { type ConfigOptions, configProto } from './config'
import { TensorFlowError } from './errors'
import type { Graph } from './graph'
import { bufferBytes, FULL_TRACE, type Timing, timings } from './profile'

/** Values for placeholders. The tensors are deleted after the run. */
export type Feeds = readonly (readonly [Output, Pointer])[]

export interface Session {
  /** Runs what the fetched outputs and the targets need; gives one tensor a fetched output, for the caller to delete. */
  readonly run: (feeds: Feeds, fetches: readonly Output[], targets?: readonly Pointer[]) => Promise<readonly Pointer[]>
  /** A run as `run`, and how long each operation took. */
  readonly trace: (feeds: Feeds, fetches: readonly Output[], targets?: readonly Pointer[]) => Promise<readonly Timing[]>
  /** Closes it, when nothing runs any more; the graph goes with it. Whatever is run later fails. */
  readonly dispose: () => void
}

export const openSession = (graph: Graph, options: ConfigOptions): Session => {
  const { api, checked }: TensorFlow = graph.tensorflow
  const sessionOptions = api.NewSessionOptions()
  const proto = configProto(options)
  checked((status) => api.SetConfig(sessionOptions, proto, proto.length, status))
  const session = checked((status) => api.NewSession(graph.pointer, sessionOptions, status))
  api.DeleteSessionOptions(sessionOptions)

  let running = 0
  let state: 'open' | 'closing' | 'closed' = 'open'
  const closeIfIdle = (): void => {
    if (state !== 'closing' || running > 0) return
    state = 'closed'
    try {
      checked((status) => api.CloseSession(session, status))
    } finally {
      checked((status) => api.DeleteSession(session, status))
      graph.dispose()
    }
  }

  const run = async (
    feeds: Feeds,
    fetches: readonly Output[],
    targets: readonly Pointer[],
    traced: { readonly options: Pointer; readonly metadata: Pointer } | undefined,
  ): Promise<readonly Pointer[]> => {
    if (state !== 'open') throw new Error('the session is closed')
    running++
    const results: (Pointer | null)[] = fetches.map(() => null)
    // A status of its own: other calls go on while this one runs.
    const status = api.NewStatus()
    try {
      await new Promise<void>((resolve, reject) =>
        api.SessionRun.async(
          session,
          traced?.options ?? null,
          feeds.map(([placeholder]) => placeholder),
          feeds.map(([, value]) => value),
          feeds.length,
          fetches,
          results,
          fetches.length,
          targets,
          targets.length,
          traced?.metadata ?? null,
          status,
          (error) => (error === null || error === undefined ? resolve() : reject(error)),
        ),
      )
      const code = api.GetCode(status)
      if (code !== 0) throw new TensorFlowError(code, api.Message(status))
      return results as readonly Pointer[]
    } finally {
      api.DeleteStatus(status)
      for (const [, value] of feeds) api.DeleteTensor(value)
      running--
      closeIfIdle()
    }
  }
  return {
    run: (feeds, fetches, targets = []) => run(feeds, fetches, targets, undefined),
    trace: async (feeds, fetches, targets = []) => {
      const traced = { options: api.NewBufferFromString(FULL_TRACE, FULL_TRACE.length), metadata: api.NewBuffer() }
      try {
        for (const tensor of await run(feeds, fetches, targets, traced)) api.DeleteTensor(tensor)
        return timings(bufferBytes(traced.metadata))
      } finally {
        api.DeleteBuffer(traced.options)
        api.DeleteBuffer(traced.metadata)
      }
    },
    dispose: () => {
      if (state === 'open') state = 'closing'
      closeIfIdle()
    },
  }
}
