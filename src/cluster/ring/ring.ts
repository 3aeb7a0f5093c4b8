/**
 * Float32 values of all members of a run reduced to what they come to: their mean, or the largest.
 *
 * The members are a ring: each receives from the previous one and sends to the next, by a connection each, whatever their number.
 * `plan` says what goes round, `header` what goes before it, `proof` how the ends of a connection know each other. Nothing is
 * encrypted: who can read along or change what goes over the network must be trusted.
 */
import * as E from 'fp-ts/Either'
import type * as TE from 'fp-ts/TaskEither'
import { defect, type Failure, missing } from '../../base/failure'
import type { Reduction } from '../../base/reduction'
import { decodeAddress, encodeAddress, thisMachine } from './address'
import { type Breach, RingBroken } from './broken'
import { addressOf, type DoorOptions, openDoors } from './doors'
import { newFlow } from './flow'
import { nextOf, previousOf } from './plan'
import { visit } from './visit'

export type { Reduction } from '../../base/reduction'
export { RingBroken } from './broken'

export interface Ring {
  readonly rank: number
  readonly size: number
  /**
   * Makes the values what those of all members come to, in place, in the same bits everywhere. All members ask for the same
   * reductions of the same lengths in the same order; several may be asked for at once, they go one after the other. Until it is
   * done the values are not to be touched. Rejects with RingBroken (names the member and why) where one is gone or sends
   * something else; then nothing more can be reduced, and the values mean nothing.
   */
  readonly allReduce: (values: Float32Array, reduction: Reduction) => Promise<void>
  /**
   * Which member this one is waiting for, and since when; undefined where it isn't waiting. A watch names the slow one by it: who
   * is waited for and waits for nobody. Of many values each member tells that one by itself; of few, it may tell its neighbour,
   * who waits, too.
   */
  readonly waiting: () => { readonly rank: number; readonly seconds: number } | undefined
  /** Leaves. What isn't done rejects, here and elsewhere. */
  readonly close: () => void
}

export interface RingOptions {
  readonly rank: number
  readonly size: number
  /** What all members have in common and nobody else knows; both ends of a connection prove that they have it. */
  readonly secret: Uint8Array
  /** The address at which others reach this member, by which it listens (never 0.0.0.0 unless it is told so). */
  readonly host: string
  /** What tells the member's machine from others: members of one meet without a network. By default the machine tells. */
  readonly machine?: string
  /** Gives every member's text, in the order of ranks, once all have given theirs: by this they learn of each other's ports. */
  readonly exchange: (mine: string) => Promise<readonly string[]>
  /** How long the others may take to connect once they have told where they are. */
  readonly timeoutSeconds: number
}

/** The ring of one: everything is reduced already. */
const alone: Ring = {
  ...{ rank: 0, size: 1 },
  allReduce: async () => undefined,
  waiting: () => undefined,
  close: () => undefined,
}

const REMEDY = 'See what that member says, whether all members know the same secret, and whether their machines reach each other.'
const brokenFailure = (breach: Breach): Failure =>
  missing(`the members could not connect: ${new RingBroken(breach).message}`, REMEDY)

/** Connects the members. Each gives its rank, and all the same size and secret. */
export const openRing =
  (options: RingOptions): TE.TaskEither<Failure, Ring> =>
  async () => {
    const { rank, size, secret, host, machine = thisMachine(), exchange, timeoutSeconds } = options
    if (size === 1) return E.right(alone)
    const [previous, next] = [previousOf(options), nextOf(options)]

    let settle: (breach?: Breach) => void = () => undefined
    const settled = new Promise<Breach | undefined>((resolve) => {
      settle = resolve
    })
    let [entered, welcomed] = [false, false]
    const flow = newFlow({ rank, size }, settle)
    const doorOptions: DoorOptions = {
      ...{ rank, size, secret, host, machine, flow },
      entered: () => {
        entered = true
        if (welcomed) settle()
      },
    }
    const opened = await openDoors(doorOptions)
    if (E.isLeft(opened)) return opened
    const doors = opened.right

    /** Fails in words if a neighbour takes too long. */
    const late = (): void => {
      const away = doors.turnedAway()
      const slow = entered
        ? { rank: previous, why: `did not answer within ${timeoutSeconds} s` }
        : {
            rank: next,
            why: `did not connect within ${timeoutSeconds} s${away === undefined ? '' : ` (who did was turned away: ${away})`}`,
          }
      flow.fail(entered || welcomed ? slow : { ...slow, why: `${slow.why}, and member ${previous} did not answer` })
    }
    let timer: NodeJS.Timeout | undefined
    let giveUp = (): void => undefined
    try {
      const address = decodeAddress((await exchange(encodeAddress(addressOf(doors, doorOptions))))[previous] ?? '')
      timer = setTimeout(late, 1000 * timeoutSeconds)
      if (address === undefined) flow.fail({ rank: previous, why: 'did not tell its address' })
      else
        giveUp = visit(address, {
          ...{ rank, size, secret, machine, flow },
          welcomed: () => {
            welcomed = true
            if (entered) settle()
          },
        })
      const breach = await settled
      if (breach !== undefined) return E.left(brokenFailure(breach))
      return E.right({ rank, size, allReduce: flow.reduce, waiting: flow.waiting, close: flow.close })
    } catch (error) {
      flow.fail({ rank, why: 'could not exchange addresses' })
      return E.left(defect(error))
    } finally {
      clearTimeout(timer)
      giveUp()
      doors.close()
    }
  }
