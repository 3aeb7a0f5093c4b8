/** What TensorFlow's library says of itself, once it is loaded. */
import * as E from 'fp-ts/Either'
import { pipe } from 'fp-ts/function'
import * as TE from 'fp-ts/TaskEither'
import { type Failure, missing } from '../base/failure'
import type { Library } from '../tensorflow/library/library'

export interface Device {
  readonly name: string
  /** CPU, GPU, … */
  readonly type: string
  /** Bytes; 0 where it isn't known. */
  readonly memory: number
}

export interface LibraryFacts {
  readonly version: string
  readonly devices: readonly Device[]
}

export type ProbeLibrary = (library: Library) => TE.TaskEither<Failure, LibraryFacts>

/** Loads the library into this process, where it stays. What loads it is itself loaded only now. */
export const probeLibrary: ProbeLibrary = (library) =>
  pipe(
    TE.tryCatch(
      () => import('../tensorflow/capi.js'),
      (error) =>
        missing(
          `koffi, the package that calls TensorFlow's library, cannot be loaded: ${(error as Error).message.split('\n')[0]}`,
          'npm install koffi, on a machine of the same kind as this one',
        ),
    ),
    TE.chainEitherK(({ loadTensorFlow }) => loadTensorFlow(library)),
    TE.chainEitherK((tensorflow) =>
      E.tryCatch(
        () => ({ version: tensorflow.version, devices: tensorflow.devices() }),
        (error) =>
          missing(
            `TensorFlow in ${library.folder} lists no devices: ${error instanceof Error ? error.message : String(error)}`,
            'Fetch the library anew with ibot setup, or compute without it: --backend wasm',
          ),
      ),
    ),
  )
