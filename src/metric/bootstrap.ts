/**
 * How far numbers would differ with other pictures of the same kind: drawn with replacement from those that were measured, the
 * numbers of each draw fill an interval.
 *
 * Efron, "Bootstrap methods: another look at the jackknife", Annals of Statistics 7 (1979); percentile intervals. A draw has some
 * pictures several times, which are alike in all respects, so that scores of pairs and of mutual information are higher than those of
 * as many different pictures: the draws are moved by how far their mean lies from the measured number. That of a share hardly does.
 */
import type { Random } from '../base/random'

/** Where the middle share of the values lies: the least and the most of them, between neighbours by their distance. */
export interface Interval {
  readonly low: number
  readonly high: number
}

/** The value below which a share of sorted values lies, between two of them in proportion (numpy's `linear`). */
const quantile = (sorted: Float64Array, share: number): number => {
  const at = share * (sorted.length - 1)
  const below = Math.floor(at)
  const above = Math.min(below + 1, sorted.length - 1)
  return sorted[below]! + (at - below) * (sorted[above]! - sorted[below]!)
}

export interface BootstrapOptions {
  /** Draws, ≥ 1. */
  readonly draws: number
  /** The share of draws that an interval holds, in (0, 1). */
  readonly confidence: number
  readonly random: Random
}

/**
 * Intervals of numbers that come of the rows 0 … count - 1; those that some draw has no finite number for have none.
 *
 * @param of the numbers of some rows, any of which may be among them several times; those of all rows, once each, are the measured ones
 */
export const bootstrap = (
  count: number,
  of: (rows: Uint32Array) => Readonly<Record<string, number>>,
  { draws, confidence, random }: BootstrapOptions,
): Readonly<Record<string, Interval>> => {
  if (count === 0) return {}
  const rows = new Uint32Array(count)
  const measured = of(rows.map((_, i) => i))
  const found = new Map<string, Float64Array>()
  for (let draw = 0; draw < draws; draw++) {
    for (let i = 0; i < count; i++) rows[i] = random.integer(count)
    for (const [name, value] of Object.entries(of(rows))) {
      const values = found.get(name) ?? new Float64Array(draws).fill(Number.NaN)
      values[draw] = value
      found.set(name, values)
    }
  }
  const intervals: Record<string, Interval> = {}
  for (const [name, values] of found) {
    if (!values.every(Number.isFinite)) continue
    const value = measured[name]!
    const sorted = values.toSorted()
    const outside = (1 - confidence) / 2
    const bias = sorted.reduce((sum, drawn) => sum + (drawn - value), 0) / draws
    intervals[name] = { low: quantile(sorted, outside) - bias, high: quantile(sorted, 1 - outside) - bias }
  }
  return intervals
}
