/** TensorFlow's library, loaded into this process, where it stays. What loads it is itself loaded only now. */
import { pipe } from 'fp-ts/function'
import * as TE from 'fp-ts/TaskEither'
import { type Failure, missing } from '../base/failure'
import type { TensorFlow } from './capi'
import type { Library } from './library/library'

export const loadLibrary = (library: Library): TE.TaskEither<Failure, TensorFlow> =>
  pipe(
    TE.tryCatch(
      () => import('./capi.js'),
      (error) =>
        missing(
          `koffi, which calls TensorFlow's library, can't be loaded: ${(error as Error).message.split('\n')[0]}`,
          'Install on a machine of the same kind as this one, with what npm calls optional: npm install --include=optional.',
        ),
    ),
    TE.chainEitherK(({ loadTensorFlow }) => loadTensorFlow(library)),
  )
