/** How a step's batch is divided into shares: among processes, and in each of these into micro-batches, one after the other. */

export interface Division {
  /** How many processes compute a step together. */
  readonly processes: number
  /** How many shares each of them computes, one after the other. */
  readonly microBatches: number
  /** Pictures of a share. */
  readonly pictures: number
}

/** A batch that one process computes as a whole. */
export const undivided = (batch: number): Division => ({ processes: 1, microBatches: 1, pictures: batch })

/** How many shares a batch has in all. */
export const sharesOf = ({ processes, microBatches }: Division): number => processes * microBatches

/** The division of a batch, or why it can't be made. `microBatch` is as many pictures as are computed at once. */
export const divisionOf = (batch: number, microBatch: number | undefined, processes: number): Division | string => {
  if (batch % processes !== 0) return `${batch} pictures can't be shared out evenly among ${processes} processes`
  const each = batch / processes
  const pictures = Math.min(microBatch ?? each, each)
  return each % pictures === 0
    ? { processes, microBatches: each / pictures, pictures }
    : `${each} pictures${processes === 1 ? '' : ' a process'} aren't a multiple of ${pictures}`
}

/** Which of a batch's pictures are a share's, by their slots in the batch; `share` counts over all processes. */
export type Slots = (share: number) => readonly number[]

/** Pictures that follow one another. */
const consecutive =
  ({ pictures }: Division): Slots =>
  (share) =>
    Array.from({ length: pictures }, (_, i) => share * pictures + i)

/**
 * As many from the batch's beginning as from its end, so that the last of a share is as far from the end as its first is from the
 * beginning, and so on: what pairs pictures in this way pairs the same ones as in the whole batch.
 */
const mirrored = ({ pictures, ...division }: Division): Slots => {
  const half = pictures / 2
  const batch = pictures * sharesOf({ pictures, ...division })
  return (share) =>
    Array.from({ length: pictures }, (_, i) => (i < half ? share * half + i : batch - (share + 1) * half + (i - half)))
}

/** The slots of shares; `paired` where pictures are mixed with one another. */
export const slotsOf = (division: Division, paired: boolean): Slots =>
  sharesOf(division) > 1 && paired ? mirrored(division) : consecutive(division)
