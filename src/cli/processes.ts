/** Which processes train a run together, as the environment of this one says. */
import { hostname } from 'node:os'
import * as E from 'fp-ts/Either'
import { pipe } from 'fp-ts/function'
import type { Failure } from '../base/failure'
import { membershipOf } from '../cluster/environment/membershipOf'
import type { Processes } from '../run/join'

interface Asked {
  readonly alone?: boolean
  readonly trustedNetwork?: boolean
}

/** The others of which this process is one; undefined where it trains alone. */
export const processesOf = (
  { alone = false, trustedNetwork = false }: Asked,
  env: NodeJS.ProcessEnv = process.env,
): E.Either<Failure, Processes | undefined> =>
  alone
    ? E.right(undefined)
    : pipe(
        membershipOf(env, hostname()),
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
