/** The addresses of member 0, if members may talk over them. */
import * as E from 'fp-ts/Either'
import { pipe } from 'fp-ts/function'
import { type Failure, missing } from '../base/failure'
import { errorCode } from '../base/fileFailure'
import type { Address } from './environment/variables'
import { checkTrusted } from './trusted'
import type { Loss } from './watch'

/** The addresses of a name; rejects where there are none. */
export type Lookup = (host: string) => Promise<readonly string[]>

/** A failure in words that can be told to others. */
export const lossOf = (failure: Failure): Loss =>
  failure._tag === 'Missing'
    ? { message: failure.message, remedy: failure.remedy }
    : { message: `it failed (${failure._tag})`, remedy: 'Report this.' }

/** Why it can't be reached, and whether that may change: a name may be known later, as in Kubernetes. */
export interface Unresolved {
  readonly failure: Failure
  readonly again: boolean
}

export const resolveLeader = async (
  { host }: Address,
  trusted: boolean,
  lookup: Lookup,
): Promise<E.Either<Unresolved, readonly string[]>> => {
  const unknown = (why: string): E.Either<Unresolved, never> =>
    E.left({
      failure: missing(
        `the name of member 0, ${host}, has no address (${why})`,
        'Give a name that all machines know, or an address.',
      ),
      again: true,
    })
  try {
    const addresses = await lookup(host)
    if (addresses.length === 0) return unknown('none is known')
    return pipe(
      checkTrusted(addresses, trusted),
      E.bimap(
        (failure) => ({ failure, again: false }),
        () => addresses,
      ),
    )
  } catch (error) {
    return unknown(errorCode(error) ?? String(error))
  }
}
