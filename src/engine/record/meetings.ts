/**
 * Where the shares of a step's batch meet, and in which order. A value may only be reduced once all shares have it, and what it
 * depends on must have been reduced before: so shares that one process computes one after the other meet in rounds, each of which
 * goes through all shares, knowing what was reduced in rounds before.
 */
import { text } from '../../graph/attributes'
import { infoOf, type Operation } from '../../graph/operation'
import type { Across, Reduction } from '../../nn/across'

/** A value that every share has, and that is reduced over all of them. */
export interface Meeting {
  readonly reduction: Reduction
  readonly shape: readonly number[]
  /** In which round it can be reduced, from 1. */
  readonly round: number
}

/** The meetings of a graph whose reductions are `AllReduce`, in the order of recording. */
export const meetingsIn = (operations: readonly Operation[]): readonly Meeting[] => {
  const rounds = new Map<Operation, number>()
  return operations.flatMap((one) => {
    const before = one.inputs.reduce((most, { of }) => Math.max(most, rounds.get(of)!), 0)
    const meets = one.type === 'AllReduce'
    rounds.set(one, meets ? before + 1 : before)
    const reduction = text(one.attributes, 'reduction') as Reduction
    return meets ? [{ reduction, shape: infoOf(one.inputs[0]!).shape, round: before + 1 }] : []
  })
}

/** Of how many rounds a step is. */
export const roundsOf = (meetings: readonly Meeting[]): number => meetings.reduce((most, { round }) => Math.max(most, round), 1)

/** What a pass over one share does where shares meet: one meeting after the other, in the order of the program's code. */
export const meetingEach = (
  shares: number,
  meet: (index: number, ...of: Parameters<Across['reduce']>) => ReturnType<Across['reduce']>,
): Across => {
  let index = 0
  return { shares, reduce: (...of) => meet(index++, ...of) }
}
