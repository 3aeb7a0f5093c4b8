/** What TensorFlow's library says of itself, once it is loaded. */
import * as E from 'fp-ts/Either'
import { pipe } from 'fp-ts/function'
import * as TE from 'fp-ts/TaskEither'
import { type Failure, missing } from '../../base/failure'
import { cpu } from '../../io/machine'
import type { Library } from '../../tensorflow/library/library'
import { loadLibrary } from '../../tensorflow/load'
import type { LibraryFacts } from '../engine'
import { checkProcessor } from './processor'

export type ProbeLibrary = (library: Library) => TE.TaskEither<Failure, LibraryFacts>

/** Loads the library into this process, where it stays. */
export const probeLibrary: ProbeLibrary = (library) =>
  pipe(
    TE.fromEither(checkProcessor(process.arch, cpu().features)),
    TE.chain(() => loadLibrary(library)),
    TE.chainEitherK((tensorflow) =>
      E.tryCatch(
        () => ({ version: tensorflow.version, devices: tensorflow.devices() }),
        (error) =>
          missing(
            `TensorFlow in ${library.folder} lists no devices: ${error instanceof Error ? error.message : String(error)}`,
            'Fetch the library again with ibot setup, or run without it: --backend wasm',
          ),
      ),
    ),
  )
