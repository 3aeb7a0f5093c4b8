/** TensorFlow as an engine, before it is loaded: a program's step runs as one graph. */
import type * as TE from 'fp-ts/TaskEither'
import type { Failure } from '../../base/failure'
import type { EngineKind, EngineOptions, LibraryEngine } from '../engine'
import { ABILITIES } from './abilities'
import { breakageOf } from './breakage'

const open =
  (options: EngineOptions): TE.TaskEither<Failure, LibraryEngine> =>
  async () =>
    (await import('./loaded.js')).openLoaded(options)()

export const tensorflow: EngineKind<'tensorflow'> = {
  ...ABILITIES,
  summary: 'TensorFlow',
  standIn: 'many times slower than a GPU',
  isPreferred: () => true,
  open,
  library: { open, here: async () => (await import('./loaded.js')).loadedHere() },
  replayer: undefined,
  checkSettings: (host) => async () => (await import('./settings.js')).checkSettings(host)(),
  examine: async (machine) => (await import('./examine.js')).examine()(machine),
  breakageOf,
}
