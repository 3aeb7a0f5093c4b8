/**
 * Where the shares of a step's batch meet, and in which order. A value may only be reduced once all shares have it, and what it
 * depends on must have been reduced before: so shares that one process computes one after the other meet in rounds, each of which
 * goes through all shares, knowing what was reduced in rounds before.
 */
import * as tf from '@tensorflow/tfjs-core'
import type { Reduction } from '../../base/reduction'
import { text } from '../../graph/attributes'
import { isProduct } from '../../graph/cost'
import { infoOf, type Operation, type Value } from '../../graph/operation'
import type { Across } from '../../nn/across'

/** A value that every share has, and that is reduced over all of them. */
export interface Meeting {
  readonly reduction: Reduction
  readonly shape: readonly number[]
  /** In which round it can be reduced, from 1. */
  readonly round: number
}

/** A value that is computed in one round and given to others, share by share. */
export interface Kept {
  /** The round that computes it. */
  readonly from: number
  /** Those that take it, in their order. */
  readonly rounds: readonly number[]
}

/** All of a step, in the order of its code. */
export interface Meetings {
  readonly meetings: readonly Meeting[]
  readonly kept: readonly Kept[]
}

/** Of a step that isn't divided. */
export const NO_MEETINGS: Meetings = { meetings: [], kept: [] }

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

/** Whether a product of matrices is among what a value is made of, but for what is there all the same. */
const isCostly = ({ of }: Value, there: ReadonlySet<Operation>): boolean => {
  const seen = new Set<Operation>()
  const open = [of]
  for (let one = open.pop(); one !== undefined; one = open.pop()) {
    if (there.has(one) || seen.has(one)) continue
    if (isProduct(one)) return true
    seen.add(one)
    for (const input of one.inputs) open.push(input.of)
  }
  return false
}

/**
 * Which values are worth being kept, of those that stand for what an `Identity` is given. A round takes one where that spares
 * products of matrices: one through which a gradient goes in the last round is computed anew there.
 *
 * @param ends what the last round is for
 */
export const keptIn = (
  operations: readonly Operation[],
  candidates: readonly Operation[],
  meetings: readonly Meeting[],
  ends: (operation: Operation) => boolean,
): readonly Kept[] => {
  const roundOf = new Map(operations.filter(({ type }) => type === 'AllReduce').map((one, i) => [one, meetings[i]!.round]))
  const known = new Set(candidates)
  const rounds = roundsOf(meetings)
  const neededIn = Array.from({ length: rounds }, (_, i) => {
    const round = i + 1
    const found = new Set<Operation>()
    for (const one of operations.toReversed()) {
      const reduced = roundOf.get(one)
      if (!found.has(one) && !(reduced === round || (round === rounds && ends(one)))) continue
      found.add(one)
      // What was reduced before, and what may be kept, is there.
      if (known.has(one) || (reduced !== undefined && reduced < round)) continue
      for (const { of } of one.inputs) found.add(of)
    }
    return found
  })
  return candidates.map((one) => {
    const first = neededIn.findIndex((found) => found.has(one))
    return {
      from: first + 1,
      rounds: neededIn.flatMap((found, i) => (i > first && found.has(one) && isCostly(one.inputs[0]!, found) ? [i + 1] : [])),
    }
  })
}

/** What a pass over one share does where shares meet: one meeting after the other, in the order of the program's code. */
export const meetingEach = (
  shares: number,
  meet: (index: number, ...of: Parameters<Across['reduce']>) => ReturnType<Across['reduce']>,
  keep: (index: number, x: tf.Tensor) => tf.Tensor = (_, x) => x,
): Across => {
  let [met, kept] = [0, 0]
  return { shares, reduce: (...of) => meet(met++, ...of), keep: <T extends tf.Tensor>(x: T) => keep(kept++, x) as T }
}

/** A tensor in the place of another one that is as large; gradients go to that one. */
export const inPlaceOf = (x: tf.Tensor, value: (x: tf.Tensor) => tf.Tensor): tf.Tensor =>
  tf.customGrad((x) => ({ value: value(x as tf.Tensor), gradFunc: (dy: tf.Tensor) => dy }))(x)
