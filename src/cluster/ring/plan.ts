/**
 * What goes round the ring when values are reduced, as pure numbers.
 *
 * The values are divided into as many segments as there are members. In step s, counted from 0, member r sends segment r - s to
 * the next member and receives segment r - s - 1 from the previous one (modulo the number of members N). In the first N - 1 steps
 * what is received is summed with the own values, so that each member holds one finished segment then; in the other N - 1 steps
 * finished segments replace what is there. A segment's values are summed by one member after the other, in the order of ranks
 * from the one of its number on, and what comes of it is copied: all members end with the same bits.
 *
 * Segments go in chunks: what was received is sent on while the next one comes.
 */

/** The members of a ring as one of them sees it. */
export interface Seat {
  readonly rank: number
  readonly size: number
}

/** A part of the values, and the step in which it comes. */
export interface Arrival {
  readonly step: number
  readonly from: number
  readonly to: number
  /** Whether it is the first of its step. */
  readonly first: boolean
}

const modulo = (value: number, size: number): number => ((value % size) + size) % size

export const previousOf = ({ rank, size }: Seat): number => modulo(rank - 1, size)
export const nextOf = ({ rank, size }: Seat): number => modulo(rank + 1, size)

/** Steps in which sums are made; as many follow in which they are told. */
export const sumSteps = ({ size }: Seat): number => size - 1
/** The last step, of which nothing is sent on. */
export const lastStep = ({ size }: Seat): number => 2 * (size - 1) - 1

/** The member whose values, that nobody else has touched yet, begin what is received in a step of sums. */
export const originOf = ({ rank, size }: Seat, step: number): number => modulo(rank - 1 - step, size)

const segmentOf = (length: number, size: number, index: number): readonly [from: number, to: number] => [
  Math.floor((index * length) / size),
  Math.floor(((index + 1) * length) / size),
]

function* chunksOf(length: number, size: number, index: number, chunk: number): Generator<readonly [number, number], void> {
  const [from, to] = segmentOf(length, size, index)
  for (let at = from; at < to; at += chunk) yield [at, Math.min(at + chunk, to)]
}

/** The member's own segment in chunks: what it sends first. */
export const departures = (
  { rank, size }: Seat,
  length: number,
  chunk: number,
): readonly (readonly [from: number, to: number])[] => [...chunksOf(length, size, rank, chunk)]

/** What comes from the previous member, in the order in which it comes. */
export function* arrivals(seat: Seat, length: number, chunk: number): Generator<Arrival, void> {
  for (let step = 0; step <= lastStep(seat); step++) {
    let first = true
    for (const [from, to] of chunksOf(length, seat.size, originOf(seat, step), chunk)) {
      yield { step, from, to, first }
      first = false
    }
  }
}
