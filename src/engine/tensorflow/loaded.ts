/** TensorFlow as an engine, loaded; or why what calls C libraries can't be. */
import { pipe } from 'fp-ts/function'
import * as TE from 'fp-ts/TaskEither'
import type { Failure } from '../../base/failure'
import { loadForeign } from '../../base/loadForeign'
import type { EngineOptions, LibraryEngine } from '../engine'

const loaded = loadForeign(() => import('./open.js'))

export const openLoaded = (options: EngineOptions): TE.TaskEither<Failure, LibraryEngine> =>
  pipe(
    loaded,
    TE.chain(({ openTensorFlow }) => openTensorFlow(options)),
  )

export const loadedHere: TE.TaskEither<Failure, LibraryEngine> = pipe(
  loaded,
  TE.chain(({ tensorflowHere }) => tensorflowHere),
)
