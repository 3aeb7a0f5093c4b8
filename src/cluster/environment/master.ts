/**
 * MASTER_ADDR and MASTER_PORT with either NNODES and NODE_RANK (one process a machine) or WORLD_SIZE and RANK, as torchrun,
 * Kubeflow's PyTorchJob and Vertex AI set them. https://docs.pytorch.org/docs/stable/elastic/run.html#environment-variables
 */
import * as E from 'fp-ts/Either'
import { pipe } from 'fp-ts/function'
import type { Failure } from '../../base/failure'
import type { Membership, MembershipSource } from './membership'
import { type Address, type Env, hostIn, portIn, rankIn, said, sizeIn } from './variables'

/** The port that PyTorch takes where none is said. */
const PORT = 29_500

/** One process has nobody to meet, so that nothing need say where. */
const leaderIn = (env: Env, size: number, host: string, remedy: string): E.Either<Failure, Address> => {
  const unsaid = (name: string): boolean => size === 1 && said(env, name) === undefined
  return pipe(
    E.Do,
    E.bind('host', () => (unsaid('MASTER_ADDR') ? E.right(host) : hostIn(env, 'MASTER_ADDR', remedy))),
    E.bind('port', () => (unsaid('MASTER_PORT') ? E.right(PORT) : portIn(env, 'MASTER_PORT', remedy))),
  )
}

const by =
  (source: MembershipSource, sizeName: string, rankName: string) =>
  (env: Env, host: string): E.Either<Failure, Membership | undefined> => {
    if (said(env, sizeName) === undefined && said(env, rankName) === undefined) return E.right(undefined)
    const words = `${sizeName}, ${rankName}, MASTER_ADDR and MASTER_PORT`
    const remedy = `Set ${words} for every member, or unset ${sizeName} and ${rankName} to train in one process.`
    return pipe(
      E.Do,
      E.bind('size', () => sizeIn(env, sizeName, remedy)),
      E.bind('rank', ({ size }) => rankIn(env, rankName, size, sizeName, remedy)),
      E.bind('leader', ({ size }) => leaderIn(env, size, host, remedy)),
      E.map((found) => ({ ...found, source, host, words })),
    )
  }

export const nodesMembership = by('NNODES', 'NNODES', 'NODE_RANK')
export const torchMembership = by('RANK', 'WORLD_SIZE', 'RANK')
