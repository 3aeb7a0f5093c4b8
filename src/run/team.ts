/** The processes that train a run together, as its loop sees them. */
import * as E from 'fp-ts/Either'
import type * as TE from 'fp-ts/TaskEither'
import { ExchangeBroken } from '../base/engineError'
import { type Failure, missing, type StopSignal, signalOf, stopped } from '../base/failure'
import type { KeyValueStore } from '../base/keyValueStore'
import type { Cluster } from '../cluster/cluster'
import type { Collective } from '../engine/collective'
import type { Damaged } from '../loader/damaged'
import { Abort, orAbort, orStopped } from './abort'

export interface Team extends Cluster {
  /** By what they exchange numbers in a step. */
  readonly collective: Collective
  /** By what they tell each other of devices. */
  readonly store: KeyValueStore
  /**
   * Aborted, with the failure as its reason, where a member has been lost for so long that an exchange which still waits can't be broken
   * off: those of devices by themselves.
   */
  readonly stuck: AbortSignal
}

/** What a member says before a step, when it has its share of the batch or knows that it won't have it. */
export interface Readiness {
  /** The signal that has asked it to stop. */
  readonly stop?: StopSignal
  /** Why it can't go on. */
  readonly failed?: { readonly message: string; readonly remedy: string }
  /** Pictures that it met and couldn't read. */
  readonly damaged?: readonly Damaged[]
}

const stopOf = (signal: AbortSignal | undefined): Pick<Readiness, 'stop'> =>
  signal?.aborted === true ? { stop: signalOf(signal) } : {}

/** What others are told of a failure. */
export const told = (failure: Failure): NonNullable<Readiness['failed']> => {
  if (failure._tag === 'Missing' || failure._tag === 'Diverged' || failure._tag === 'Stopped')
    return { message: failure.message, remedy: failure.remedy }
  const message = failure._tag === 'Rejected' ? failure.problems.map((one) => one.message).join('; ') : String(failure.error)
  return { message, remedy: 'See what that member says.' }
}

/** What a member says. */
export const readiness = (
  signal: AbortSignal | undefined,
  failure: Failure | undefined,
  damaged: readonly Damaged[] = [],
): Readiness => ({ ...stopOf(signal), ...(failure && { failed: told(failure) }), ...(damaged.length === 0 ? {} : { damaged }) })

/** Why nobody begins the next step, by what all members say; undefined where all can. */
export const verdict = (members: readonly string[], all: readonly Readiness[], done: number): Failure | undefined => {
  const failed = all.findIndex((one) => one.failed !== undefined)
  if (failed >= 0) {
    const { message, remedy } = all[failed]!.failed!
    return missing(`${members[failed]} can't go on: ${message}`, remedy)
  }
  const asked = all.findIndex(({ stop }) => stop !== undefined)
  return asked < 0
    ? undefined
    : stopped(
        all[asked]!.stop!,
        `the run stops after step ${done}, as ${members[asked]} was told`,
        'Member 0 tells how to go on with it.',
      )
}

/** How long it may take until all know who is lost, after a connection broke, in milliseconds. */
const SETTLE = 20_000

/** What everyone is told where an exchange broke: whoever broke off is named a moment later. Undefined where nobody is. */
const lossOf = async ({ failed }: Pick<Cluster, 'failed'>): Promise<Failure | undefined> => {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => resolve(undefined), SETTLE)
  })
  try {
    return await Promise.race([failed, late])
  } finally {
    clearTimeout(timer)
  }
}

/** A step that waits for a lost member and can't be broken off: what it computes with is of no use any more. */
export class Stuck extends Abort {}

/** Computes what members exchange in; where one of them is lost, all of them end with the failure that names it. */
export const exchanging = async <A extends object>(team: Team | undefined, work: () => Promise<A>): Promise<A> => {
  if (team === undefined) return work()
  const { stuck } = team
  try {
    const working = work()
    // Where nobody waits for it any more, nobody is told either.
    working.catch(() => undefined)
    const done = await orStopped(stuck, working)
    if (done === undefined) throw new Stuck(stuck.reason as Failure)
    return done
  } catch (error) {
    if (!(error instanceof ExchangeBroken)) throw error
    throw new Abort(
      (await lossOf(team)) ?? missing(error.message, 'See what the other members said last, and start all of them again.'),
    )
  }
}

/** Agrees on something that must be the same everywhere, a hash say. */
export const agreeOn =
  ({ agree, members }: Pick<Cluster, 'agree' | 'members'>, what: string, mine: string): TE.TaskEither<Failure, void> =>
  async () => {
    const all = await agree<string>(what, mine)()
    if (E.isLeft(all)) return all
    const other = all.right.findIndex((one) => one !== all.right[0])
    return other < 0
      ? E.right(undefined)
      : E.left(
          missing(
            `${members[other]} has another ${what} than ${members[0]}`,
            'Start all members with the same pipeline, data and run folder.',
          ),
        )
  }

/** Waits until all members have said that they can begin the step after `done` others; gives what they said. */
export const allReady = async ({ agree, members }: Team, done: number, mine: Readiness): Promise<readonly Readiness[]> => {
  const all = await orAbort(agree<Readiness>(done + 1, mine))
  const failure = verdict(members, all, done)
  if (failure !== undefined) throw new Abort(failure)
  return all
}
