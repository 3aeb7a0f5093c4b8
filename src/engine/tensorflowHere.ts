/** TensorFlow, if its library is on this machine: nothing is fetched. */

import { pipe } from 'fp-ts/function'
import * as O from 'fp-ts/Option'
import * as TE from 'fp-ts/TaskEither'
import { type Failure, missing } from '../base/failure'
import type { TensorFlow } from '../tensorflow/capi'
import { findLibrary } from '../tensorflow/library/find'
import { openEngine } from './openEngine'

export const tensorflowHere: TE.TaskEither<Failure, TensorFlow> = pipe(
  () => findLibrary()(),
  TE.chain((found) =>
    O.isNone(found)
      ? TE.left(missing("TensorFlow's library isn't there", 'Fetch it with ibot setup.'))
      : openEngine({ backend: 'tensorflow', download: false, tell: () => undefined, signal: undefined }),
  ),
  TE.chain((engine) =>
    engine.backend === 'tensorflow' ? TE.right(engine.tensorflow) : TE.left(missing('TensorFlow is not what computes', '')),
  ),
)
