/** What the user's settings say of XLA. */
import * as E from 'fp-ts/Either'
import { pipe } from 'fp-ts/function'
import * as TE from 'fp-ts/TaskEither'
import { type Failure, missing } from '../../base/failure'
import type { Host } from '../../wheels/host'
import { namedPlugin } from '../../xla/plugin/find'

const checkMemory = ({ env: { IBOT_GPU_MEMORY: given } }: Host): E.Either<Failure, void> =>
  !given || (Number(given) > 0 && Number(given) <= 1)
    ? E.right(undefined)
    : E.left(
        missing(
          `IBOT_GPU_MEMORY is ${given}, and not a share of the memory`,
          'Set it to a number above 0 and up to 1, or unset it.',
        ),
      )

/** What IBOT_XLA_PLUGIN names must be there. */
export const checkSettings = (host: Host): TE.TaskEither<Failure, void> =>
  TE.fromEither(
    pipe(
      namedPlugin(host),
      E.chain(() => checkMemory(host)),
    ),
  )
