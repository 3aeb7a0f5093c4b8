/**
 * How far numbers would differ with other pictures of the same kind: drawn with replacement from those that were measured, the
 * numbers of each draw fill an interval.
 *
 * Numbers of pairs of pictures, and of how much one thing tells of another, are higher in draws, where a picture meets itself: with
 * a hundred classes by so much that no draw is as low as what was measured. Their intervals lie around what was measured.
 *
 * Efron, "Bootstrap methods: another look at the jackknife", Annals of Statistics 7 (1979); percentile intervals, less the bias of the
 * draws where there is one (Efron & Tibshirani, "An introduction to the bootstrap" (1993), § 10).
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

/** Standard errors by which the mean of the draws may miss what was measured by chance. */
const CHANCE = 4
/** No bias is that small. */
const ROUNDING = 1e-12

/** By how much draws are too high on the average: 0 where chance explains it. */
const biasOf = (values: Float64Array, measured: number): number => {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length
  const bias = mean - measured
  return Math.abs(bias) > CHANCE * Math.sqrt(variance / values.length) + ROUNDING ? bias : 0
}

/** The interval of draws around what was measured; of numbers that are never negative its ends aren't either. */
const intervalOf = (values: Float64Array, measured: number, confidence: number): Interval => {
  const sorted = values.toSorted()
  const outside = (1 - confidence) / 2
  const bias = biasOf(values, measured)
  const least = measured >= 0 && sorted[0]! >= 0 ? 0 : Number.NEGATIVE_INFINITY
  return {
    low: Math.max(least, quantile(sorted, outside) - bias),
    high: Math.max(least, quantile(sorted, 1 - outside) - bias),
  }
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
  for (const [name, values] of found)
    if (values.every(Number.isFinite)) intervals[name] = intervalOf(values, measured[name]!, confidence)
  return intervals
}
