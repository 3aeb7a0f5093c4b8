/**
 * How two programs are compared: round by round, one step of each, so that whatever else the machine does hits both alike.
 * Which of them comes first changes from round to round. The ratio is the median of the rounds' ratios.
 */

/** The middle value; of an even number of values the mean of the two in the middle; NaN of none. */
export const median = (values: readonly number[]): number => {
  const sorted = [...values].sort((a, b) => a - b)
  const middle = sorted.length >> 1
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2
}

/** What both programs gave, round by round. */
export interface Rounds {
  readonly ours: readonly number[]
  readonly theirs: readonly number[]
}

export type Measure = () => Promise<number>

/** Measures both in turn: ours first in even rounds, theirs first in odd ones. */
export const alternate = async (ours: Measure, theirs: Measure, rounds: number): Promise<Rounds> => {
  const seen: { readonly ours: number[]; readonly theirs: number[] } = { ours: [], theirs: [] }
  for (let round = 0; round < rounds; round++) {
    const order = [
      ['ours', ours],
      ['theirs', theirs],
    ] as const
    for (const [side, measure] of round % 2 === 0 ? order : order.toReversed()) seen[side].push(await measure())
  }
  return seen
}

/** Measures one program. */
export const repeat = async (measure: Measure, rounds: number): Promise<readonly number[]> => {
  const seen: number[] = []
  for (let round = 0; round < rounds; round++) seen.push(await measure())
  return seen
}

/** How many times as much a side takes as the other: above 1, ours is the faster one or the smaller one. */
export const saving = (ours: number, theirs: number): number => theirs / ours
/** Ours as a share of theirs: below 1, ours is the smaller one. */
export const share = (ours: number, theirs: number): number => ours / theirs

export interface Comparison {
  readonly ratio: number
  /** Medians of the rounds. */
  readonly ours: number
  readonly theirs: number
}

export const compared = ({ ours, theirs }: Rounds, ratio: typeof saving): Comparison => ({
  ratio: median(ours.map((value, round) => ratio(value, theirs[round]!))),
  ours: median(ours),
  theirs: median(theirs),
})
