/** Which backend computes a run: TensorFlow where it is or can be fetched, else WebAssembly. */
import { pipe } from 'fp-ts/function'
import * as TE from 'fp-ts/TaskEither'
import type { Failure } from '../base/failure'
import { cpu } from '../io/machine'
import type { FetchEvent } from '../tensorflow/library/events'
import { namedLibrary } from '../tensorflow/library/find'
import { type Host, thisHost } from '../tensorflow/library/host'
import { provideLibrary } from '../tensorflow/library/provide'
import { loadLibrary } from '../tensorflow/load'
import type { Backend, Engine } from './backend'
import { useBackend } from './eager/eager'
import { checkProcessor } from './processor'

export interface EngineOptions {
  /** Undefined: the fastest that can be had. */
  readonly backend: Backend | undefined
  /** Whether TensorFlow's library may be fetched if it isn't there; true by default. */
  readonly download?: boolean | undefined
  readonly tell: (event: FetchEvent) => void
  readonly signal: AbortSignal | undefined
  /** The machine, and what its processor can; by default this one's. */
  readonly host?: Host
  readonly features?: readonly string[]
}

/** How much slower a step is on WebAssembly, in words: five times for the quickstart, more for larger networks. */
const COST = 'five times slower or more'

const tensorflow = ({
  download = true,
  tell,
  signal,
  host = thisHost(),
  features,
}: EngineOptions): TE.TaskEither<Failure, Engine> =>
  pipe(
    TE.fromEither(checkProcessor(host.arch, features ?? cpu().features)),
    TE.chain(() => provideLibrary({ download, tell, signal, host })),
    TE.chain(({ library }) => loadLibrary(library)),
    TE.map((loaded) => ({ backend: 'tensorflow', tensorflow: loaded })),
  )

const eagerEngine = (backend: 'wasm' | 'cpu'): TE.TaskEither<Failure, Engine> =>
  pipe(
    useBackend(backend),
    TE.map(() => ({ backend })),
  )

/**
 * A backend that is ready to compute. If none is asked for and TensorFlow can't be had, it says so and why; but what the
 * user wrote into IBOT_TENSORFLOW is asked for.
 */
export const openEngine = (options: EngineOptions): TE.TaskEither<Failure, Engine> => {
  const { backend, tell, host = thisHost() } = options
  if (backend === 'tensorflow') return tensorflow(options)
  if (backend !== undefined) return eagerEngine(backend)
  return pipe(
    TE.fromEither(namedLibrary(host)),
    TE.chain(() =>
      pipe(
        tensorflow(options),
        TE.orElse((failure) => {
          if (failure._tag !== 'Missing') return TE.left(failure)
          const { message, remedy } = failure
          tell({ event: 'note', message: `without TensorFlow, on WebAssembly, which is ${COST}: ${message}. ${remedy}` })
          return eagerEngine('wasm')
        }),
      ),
    ),
  )
}
