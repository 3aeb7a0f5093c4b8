/** Running a graph, off JavaScript's thread: other work goes on while a step computes. */

import { TensorFlowError } from '../base/engineError'
import type { Output, Pointer, TensorFlow } from './capi'
import { type ConfigOptions, configProto } from './config'
import type { Graph } from './graph'
import { bufferBytes, FULL_TRACE, type Timing, timings } from './profile'

/** Values for placeholders. */
export type Feeds = readonly (readonly [Output, Pointer])[]

export interface Session {
  /**
   * Runs what the fetched outputs and the targets need; gives one tensor a fetched output, for the caller to delete. The tensors of `feeds` are
   * deleted after the run, those of `kept` are the caller's.
   */
  readonly run: (
    feeds: Feeds,
    fetches: readonly Output[],
    targets?: readonly Pointer[],
    kept?: Feeds,
  ) => Promise<readonly Pointer[]>
  /** Begins a run that goes on while some of its outputs are already fetched and some of its inputs not yet fed. */
  readonly begin: (inputs: readonly Output[], outputs: readonly Output[], targets: readonly Pointer[]) => PartialRun
  /** A run as `run`, and how long each operation took. */
  readonly trace: (feeds: Feeds, fetches: readonly Output[], targets?: readonly Pointer[]) => Promise<readonly Timing[]>
  /** Closes it, when nothing runs any more; the graph goes with it. Whatever is run later fails. */
  readonly dispose: () => void
}

/** A run that is fed and fetched bit by bit: each input and output once. After an error the session is of no use any more. */
export interface PartialRun {
  /** Returns at once; the tensors of `feeds` are deleted, those of `kept` are the caller's. */
  readonly feed: (feeds: Feeds, kept?: Feeds) => void
  /** Waits for outputs; one fetch after the other. The last one waits for the targets, too. */
  readonly fetch: (outputs: readonly Output[]) => Promise<readonly Pointer[]>
  readonly end: () => void
}

/** Makes something with a session's options. */
const withOptions = <A>({ api, checked }: TensorFlow, options: ConfigOptions, make: (options: Pointer) => A): A => {
  const sessionOptions = api.NewSessionOptions()
  try {
    const proto = configProto(options)
    checked((status) => api.SetConfig(sessionOptions, proto, proto.length, status))
    return make(sessionOptions)
  } finally {
    api.DeleteSessionOptions(sessionOptions)
  }
}

export const openSession = (graph: Graph, options: ConfigOptions): Session => {
  const { api, checked } = graph.tensorflow
  return sessionOf(
    graph,
    withOptions(graph.tensorflow, options, (made) => checked((status) => api.NewSession(graph.pointer, made, status))),
  )
}

export interface Loaded {
  readonly session: Session
  /** The first output of the operation of that name. */
  readonly named: (name: string) => Output
}

/** A session with the graph of a SavedModel that is tagged `serve`. */
export const openSavedModel = (tensorflow: TensorFlow, folder: string, options: ConfigOptions): Loaded => {
  const { api, checked } = tensorflow
  const graph = api.NewGraph()
  const dispose = () => api.DeleteGraph(graph)
  const load = (made: Pointer) =>
    checked((status) => api.LoadSessionFromSavedModel(made, null, folder, ['serve'], 1, graph, null, status))
  try {
    return {
      session: sessionOf({ tensorflow, dispose }, withOptions(tensorflow, options, load)),
      named: (name) => {
        const oper = api.GraphOperationByName(graph, name)
        if (oper === null) throw new RangeError(`the graph has no operation ${name}`)
        return { oper, index: 0 }
      },
    }
  } catch (error) {
    dispose()
    throw error
  }
}

/** A session that is open, as what runs its graph. */
const sessionOf = (graph: Pick<Graph, 'tensorflow' | 'dispose'>, session: Pointer): Session => {
  const { api, checked } = graph.tensorflow
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
    kept: Feeds,
    traced: { readonly options: Pointer; readonly metadata: Pointer } | undefined,
  ): Promise<readonly Pointer[]> => {
    if (state !== 'open') throw new Error('the session is closed')
    running++
    const given = [...feeds, ...kept]
    const results: (Pointer | null)[] = fetches.map(() => null)
    // A status of its own: other calls go on while this one runs.
    const status = api.NewStatus()
    try {
      await new Promise<void>((resolve, reject) =>
        api.SessionRun.async(
          session,
          traced?.options ?? null,
          given.map(([placeholder]) => placeholder),
          given.map(([, value]) => value),
          given.length,
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
  const begin: Session['begin'] = (inputs, outputs, targets) => {
    if (state !== 'open') throw new Error('the session is closed')
    const handle: [Pointer | null] = [null]
    checked((status) =>
      api.SessionPRunSetup(session, inputs, inputs.length, outputs, outputs.length, targets, targets.length, handle, status),
    )
    running++
    return {
      feed: (feeds, kept = []) => {
        const given = [...feeds, ...kept]
        const [places, values] = [given.map(([place]) => place), given.map(([, value]) => value)]
        try {
          checked((status) => api.SessionPRun(session, handle[0]!, places, values, given.length, [], [], 0, [], 0, status))
        } finally {
          for (const [, value] of feeds) api.DeleteTensor(value)
        }
      },
      fetch: async (wanted) => {
        const results: (Pointer | null)[] = wanted.map(() => null)
        const status = api.NewStatus()
        try {
          await new Promise<void>((resolve, reject) =>
            api.SessionPRun.async(session, handle[0]!, [], [], 0, wanted, results, wanted.length, [], 0, status, (error) =>
              error === null || error === undefined ? resolve() : reject(error),
            ),
          )
          const code = api.GetCode(status)
          if (code !== 0) throw new TensorFlowError(code, api.Message(status))
          return results as readonly Pointer[]
        } finally {
          api.DeleteStatus(status)
        }
      },
      end: () => {
        api.DeletePRunHandle(handle[0]!)
        running--
        closeIfIdle()
      },
    }
  }
  return {
    begin,
    run: (feeds, fetches, targets = [], kept = []) => run(feeds, fetches, targets, kept, undefined),
    trace: async (feeds, fetches, targets = []) => {
      const traced = { options: api.NewBufferFromString(FULL_TRACE, FULL_TRACE.length), metadata: api.NewBuffer() }
      try {
        for (const tensor of await run(feeds, fetches, targets, [], traced)) api.DeleteTensor(tensor)
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
