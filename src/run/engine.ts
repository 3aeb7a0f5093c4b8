/** Which backend computes a run: TensorFlow where it is or can be fetched, else WebAssembly. */
import { pipe } from 'fp-ts/function'
import * as TE from 'fp-ts/TaskEither'
import { type Failure, missing } from '../base/failure'
import type { Backend, Engine } from '../interpret/backend'
import { useBackend } from '../interpret/eager'
import type { FetchEvent } from '../tensorflow/library/events'
import { provideLibrary } from '../tensorflow/library/provide'

export interface EngineOptions {
  /** Undefined: the fastest that can be had. */
  readonly backend: Backend | undefined
  /** Whether TensorFlow's library may be fetched if it isn't there; true by default. */
  readonly download?: boolean | undefined
  readonly tell: (event: FetchEvent) => void
  readonly signal: AbortSignal | undefined
}

/** How much slower a step is on WebAssembly, in words: measured by `npm run bench -- quickstart`. */
const COST = 'about ten times slower'

const tensorflow = ({ download = true, tell, signal }: EngineOptions): TE.TaskEither<Failure, Engine> =>
  pipe(
    provideLibrary({ download, tell, signal }),
    // What loads the library is itself loaded only now.
    TE.chain(({ library }) =>
      pipe(
        TE.tryCatch(
          () => import('../tensorflow/capi.js'),
          (error) =>
            missing(
              `koffi, the package that calls TensorFlow's library, can't be loaded: ${(error as Error).message.split('\n')[0]}`,
              'Install it on a machine of the same kind as this one: npm install koffi.',
            ),
        ),
        TE.chainEitherK(({ loadTensorFlow }) => loadTensorFlow(library)),
      ),
    ),
    TE.map((loaded) => ({ backend: 'tensorflow', tensorflow: loaded })),
  )

const eagerEngine = (backend: 'wasm' | 'cpu'): TE.TaskEither<Failure, Engine> =>
  pipe(
    useBackend(backend),
    TE.map(() => ({ backend })),
  )

/** A backend that is ready to compute. If none is asked for and TensorFlow can't be had, it says so and why. */
export const openEngine = (options: EngineOptions): TE.TaskEither<Failure, Engine> => {
  const { backend, tell } = options
  if (backend === 'tensorflow') return tensorflow(options)
  if (backend !== undefined) return eagerEngine(backend)
  return pipe(
    tensorflow(options),
    TE.orElse((failure) => {
      if (failure._tag !== 'Missing') return TE.left(failure)
      const { message, cure } = failure
      tell({ event: 'note', message: `without TensorFlow, on WebAssembly, which is ${COST}: ${message}. ${cure}` })
      return eagerEngine('wasm')
    }),
  )
}
