/** TensorFlow as an engine, before it is loaded: a program's step runs as one graph. */
import { pipe } from 'fp-ts/function'
import * as TE from 'fp-ts/TaskEither'
import type { Failure } from '../../base/failure'
import { loadForeign } from '../../base/loadForeign'
import type { EngineKind, EngineOptions, LibraryEngine } from '../engine'
import { ABILITIES } from './abilities'
import { breakageOf } from './breakage'

const loaded = loadForeign(() => import('./open.js'))

const open = (options: EngineOptions): TE.TaskEither<Failure, LibraryEngine> =>
  pipe(
    loaded,
    TE.chain(({ openTensorFlow }) => openTensorFlow(options)),
  )

export const tensorflow: EngineKind<'tensorflow'> = {
  ...ABILITIES,
  summary: 'TensorFlow',
  standIn: 'many times slower than a GPU',
  isPreferred: () => true,
  open,
  library: {
    open,
    here: pipe(
      loaded,
      TE.chain(({ tensorflowHere }) => tensorflowHere),
    ),
  },
  replayer: undefined,
  checkSettings: (host) => async () => (await import('./settings.js')).checkSettings(host)(),
  examine: async (machine) => (await import('./examine.js')).examine()(machine),
  breakageOf,
}
