/** XLA as an engine, loaded; or why what calls C libraries can't be. */
import { pipe } from 'fp-ts/function'
import * as TE from 'fp-ts/TaskEither'
import type { Failure } from '../../base/failure'
import { loadForeign } from '../../base/loadForeign'
import type { Engine, EngineOptions } from '../engine'

export const openLoaded = (options: EngineOptions): TE.TaskEither<Failure, Engine> =>
  pipe(
    loadForeign(() => import('./open.js')),
    TE.chain(({ openXla }) => openXla(options)),
  )
