/** What the environment says of this process as one of several. */
import * as E from 'fp-ts/Either'
import type { Failure } from '../../base/failure'
import { nodesMembership, torchMembership } from './master'
import type { Membership } from './membership'
import { ownMembership } from './own'
import { slurmMembership } from './slurm'
import { tfMembership } from './tfConfig'
import type { Env } from './variables'

/** In the order in which they are asked: the first that says something decides. */
const SOURCES = [ownMembership, tfMembership, slurmMembership, nodesMembership, torchMembership] as const

/** Which process this is; undefined where nothing says that there are several. What is given by half or wrong fails. */
export const membershipOf = (env: Env, hostname: string): E.Either<Failure, Membership | undefined> => {
  for (const source of SOURCES) {
    const found = source(env, hostname)
    if (E.isLeft(found) || found.right !== undefined) return found
  }
  return E.right(undefined)
}
