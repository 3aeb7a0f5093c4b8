/** What `ibot launch` says: IBOT_RANK, IBOT_SIZE and IBOT_LEADER. */
import * as E from 'fp-ts/Either'
import { pipe } from 'fp-ts/function'
import type { Failure } from '../../base/failure'
import type { Membership } from './membership'
import { type Address, addressOf, complaint, type Env, rankIn, said, sizeIn, wrong } from './variables'

const REMEDY = "Set IBOT_RANK, IBOT_SIZE and IBOT_LEADER=host:port for every member, or none of them; 'ibot launch' sets them."

const leaderIn = (env: Env): E.Either<Failure, Address> => {
  const text = said(env, 'IBOT_LEADER')
  if (text === undefined) return wrong('IBOT_LEADER', 'is not set', REMEDY)
  return pipe(
    addressOf(text),
    E.mapLeft((what) => complaint('IBOT_LEADER', `is wrong: ${what}`, REMEDY)),
  )
}

/** Undefined where none of the three is set. */
export const ownMembership = (env: Env, host: string): E.Either<Failure, Membership | undefined> => {
  if (['IBOT_RANK', 'IBOT_SIZE', 'IBOT_LEADER'].every((name) => said(env, name) === undefined)) return E.right(undefined)
  return pipe(
    E.Do,
    E.bind('size', () => sizeIn(env, 'IBOT_SIZE', REMEDY)),
    E.bind('rank', ({ size }) => rankIn(env, 'IBOT_RANK', size, 'IBOT_SIZE', REMEDY)),
    E.bind('leader', () => leaderIn(env)),
    E.map((found) => ({ ...found, source: 'IBOT' as const, host, words: 'IBOT_RANK, IBOT_SIZE and IBOT_LEADER' })),
  )
}
