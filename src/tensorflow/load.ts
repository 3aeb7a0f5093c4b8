/** TensorFlow's library, loaded into this process, where it stays. What loads it is itself loaded only now. */
import { pipe } from 'fp-ts/function'
import * as TE from 'fp-ts/TaskEither'
import type { Failure } from '../base/failure'
import { loadForeign } from '../base/loadForeign'
import type { TensorFlow } from './capi'
import type { Library } from './library/library'

export const loadLibrary = (library: Library): TE.TaskEither<Failure, TensorFlow> =>
  pipe(
    loadForeign(() => import('./capi.js')),
    TE.chainEitherK(({ loadTensorFlow }) => loadTensorFlow(library)),
  )
