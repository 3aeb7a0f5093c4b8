/** A pass over one share among those of a step: what it finds where shares meet, and what it leaves for the others. */
import * as tf from '@tensorflow/tfjs-core'
import type { Reduction } from '../../base/reduction'
import { DTYPE } from '../../graph/dtype'
import { output, type Value } from '../../graph/operation'
import type { Across } from '../../nn/across'
import { type Division, sharesOf } from '../../program/division'
import type { Recorder } from '../../record/recorder'
import { inPlaceOf, type Meeting, type Meetings, meetingEach, roundsOf } from './meetings'

/** The round that a pass belongs to, from 1, and whether its share is the last one of this process. */
export interface PassOf {
  readonly round: number
  readonly last: boolean
}

/** A variable that outlives a pass. */
export interface Held {
  readonly shape: readonly number[]
  /** The number in all its places before a step. */
  readonly first: number
}

const NOTHING: Readonly<Record<Reduction, number>> = { mean: 0, max: Number.NEGATIVE_INFINITY }

const gatheredName = (index: number): string => `shares/${index}/gathered`
const reducedName = (index: number): string => `shares/${index}/reduced`

/** What is held between the passes of a step, by name: what shares have given so far, and what was reduced in rounds before. */
export const heldBy = ({ microBatches }: Division, meetings: readonly Meeting[]): Readonly<Record<string, Held>> => {
  if (microBatches === 1) return {}
  const rounds = roundsOf(meetings)
  return Object.fromEntries(
    meetings.flatMap(({ reduction, shape, round }, index) => [
      [gatheredName(index), { shape, first: NOTHING[reduction] }] as const,
      ...(round === rounds ? [] : [[reducedName(index), { shape, first: 0 }] as const]),
    ]),
  )
}

interface Within extends Meetings {
  readonly recorder: Recorder
  readonly division: Division
  readonly held: Readonly<Record<string, Held & { readonly value: Value }>>
  /** Stores a value when the pass is done. */
  readonly assign: (place: Value, value: Value) => void
  /** Gives a value to later rounds. */
  readonly give: (index: number, value: Value) => void
  /** What an earlier round gave, which is like this; `again` if a later round takes it as well. */
  readonly take: (index: number, like: Value, again: boolean) => Value
}

/** Where shares meet, as a pass sees it. What belongs to a later round counts for nothing in it. */
export const meetingIn = (
  { recorder, division, meetings, kept, held, assign, give, take }: Within,
  { round, last }: PassOf,
): Across => {
  const { graph } = recorder
  const { processes, microBatches } = division
  const number = (value: number): Value => graph.constant(DTYPE.float32, [], Float32Array.of(value))
  const add = (...of: Parameters<typeof graph.add>): Value => output(graph.add(...of))
  /** What all processes have. */
  const everywhere = (reduction: Reduction, value: Value): Value =>
    processes === 1 ? value : add('AllReduce', [value], { reduction: { string: reduction }, processes: { int: processes } })
  /** What the shares of this process come to: the mean is that of as many. */
  const gathering = (reduction: Reduction, gathered: Value, value: Value): Value =>
    add(reduction === 'mean' ? 'AddV2' : 'Maximum', [gathered, value])
  const mean = (reduction: Reduction, gathered: Value): Value =>
    reduction === 'mean' ? add('RealDiv', [gathered, number(microBatches)]) : gathered
  /** What a variable is before the next step: made of what was gathered, so that it takes no memory before that and is read before it is overwritten. */
  const emptied = (reduction: Reduction, gathered: Value): Value => {
    const zeros = add('ZerosLike', [gathered])
    return reduction === 'mean' ? zeros : add('Sub', [zeros, number(Number.POSITIVE_INFINITY)])
  }
  const keep = (index: number, x: tf.Tensor): tf.Tensor => {
    if (microBatches === 1) return x
    const { from, rounds } = kept[index]!
    if (round === from && rounds.length > 0) give(index, recorder.output(x))
    return rounds.includes(round)
      ? inPlaceOf(x, (x) => recorder.tensor(take(index, recorder.output(x), round < rounds.at(-1)!)))
      : x
  }
  const meet = (index: number, reduction: Reduction, x: tf.Tensor): tf.Tensor => {
    if (microBatches === 1) return recorder.tensor(everywhere(reduction, recorder.output(x)))
    const known = meetings[index]
    if (known === undefined || known.round > round) return tf.clone(x)
    if (known.round < round) return recorder.tensor(held[reducedName(index)]!.value)
    const place = held[gatheredName(index)]!.value
    const gathered = gathering(reduction, place, recorder.output(x))
    if (!last) {
      assign(place, gathered)
      return tf.clone(x)
    }
    assign(place, emptied(reduction, gathered))
    const reduced = everywhere(reduction, mean(reduction, gathered))
    const later = held[reducedName(index)]
    if (later !== undefined) assign(later.value, reduced)
    return recorder.tensor(reduced)
  }
  return meetingEach(sharesOf(division), meet, keep)
}
