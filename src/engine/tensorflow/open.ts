/** TensorFlow as an engine that is ready to compute. What calls it is loaded only when it computes. */

import { pipe } from 'fp-ts/function'
import * as O from 'fp-ts/Option'
import * as TE from 'fp-ts/TaskEither'
import { type Failure, missing } from '../../base/failure'
import { cpu, ownThreads } from '../../io/machine'
import type { TensorFlow } from '../../tensorflow/capi'
import { findLibrary } from '../../tensorflow/library/find'
import { thisHost } from '../../tensorflow/library/host'
import { provideLibrary } from '../../tensorflow/library/provide'
import { loadLibrary } from '../../tensorflow/load'
import type { EngineOptions, LibraryEngine } from '../engine'
import { ABILITIES } from './abilities'
import { computerOf } from './computer'
import { checkProcessor } from './processor'

const engineOf = (tensorflow: TensorFlow, threads: number): LibraryEngine => ({
  ...ABILITIES,
  ...computerOf(tensorflow, threads),
  versions: { tensorflow: tensorflow.version },
  devices: tensorflow.devices,
  open: async (program, first, collective) =>
    (await import('./compiled.js')).compiled(tensorflow, program, first, { threads, collective }),
  library: tensorflow,
  replay: undefined,
})

/** Finds the library, or fetches it unless `download` is false, and loads it. */
export const openTensorFlow = ({
  download = true,
  tell,
  signal,
  threads = ownThreads(),
  host = thisHost(),
  features,
}: EngineOptions): TE.TaskEither<Failure, LibraryEngine> =>
  pipe(
    TE.fromEither(checkProcessor(host.arch, features ?? cpu().features)),
    TE.chain(() => provideLibrary({ download, tell, signal, host })),
    TE.chain(({ library }) => loadLibrary(library)),
    TE.map((loaded) => engineOf(loaded, threads)),
  )

/** TensorFlow, if its library is on this machine: nothing is fetched. */
export const tensorflowHere: TE.TaskEither<Failure, LibraryEngine> = pipe(
  () => findLibrary()(),
  TE.chain((found) =>
    O.isNone(found)
      ? TE.left(missing("TensorFlow's library isn't there", 'Fetch it with ibot setup.'))
      : openTensorFlow({ download: false, tell: () => undefined, signal: undefined }),
  ),
)
