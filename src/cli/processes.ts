/** Which processes train a run together, as the environment of this one says. */
import { hostname } from 'node:os'
import * as E from 'fp-ts/Either'
import { pipe } from 'fp-ts/function'
import { type Failure, missing } from '../base/failure'
import { printable } from '../base/printable'
import { membershipOf } from '../cluster/environment/membershipOf'
import type { Processes } from '../run/join'

interface Asked {
  readonly alone?: boolean
  readonly trustedNetwork?: boolean
}

/** Whether IBOT_THREADS is a number of threads, where it is set. */
const checkThreads = ({ IBOT_THREADS: threads }: NodeJS.ProcessEnv): E.Either<Failure, void> =>
  threads === undefined || /^[1-9]\d{0,3}$/.test(threads)
    ? E.right(undefined)
    : E.left(
        missing(`IBOT_THREADS is '${printable(threads)}', which is no number of threads`, 'Set it to 1 or more, or unset it.'),
      )

/** The others of which this process is one; undefined where it trains alone. */
export const processesOf = (
  { alone = false, trustedNetwork = false }: Asked,
  env: NodeJS.ProcessEnv = process.env,
): E.Either<Failure, Processes | undefined> =>
  alone
    ? E.right(undefined)
    : pipe(
        checkThreads(env),
        E.chain(() => membershipOf(env, hostname())),
        E.map((membership) =>
          membership === undefined || membership.size === 1
            ? undefined
            : {
                ...{ membership, secret: env.IBOT_SECRET, trusted: trustedNetwork },
                // A channel to it is what 'ibot launch' gives its members.
                launched: membership.source === 'IBOT' && process.send !== undefined,
              },
        ),
      )
