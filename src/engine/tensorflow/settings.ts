/** What the user's settings say of TensorFlow. */
import * as E from 'fp-ts/Either'
import { pipe } from 'fp-ts/function'
import * as TE from 'fp-ts/TaskEither'
import type { Failure } from '../../base/failure'
import { namedLibrary } from '../../tensorflow/library/find'
import type { Host } from '../../tensorflow/library/host'

/** What IBOT_TENSORFLOW names must be there. */
export const checkSettings = (host: Host): TE.TaskEither<Failure, void> =>
  pipe(
    namedLibrary(host),
    E.map(() => undefined),
    TE.fromEither,
  )
