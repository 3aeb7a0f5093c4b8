/** Statistics of random draws, and how far two samples of one distribution may lie apart. */
import type { Check } from './check'

export interface Mean {
  readonly mean: number
  readonly stderr: number
}

/** What the distance of two samples is measured in: beyond five standard errors chance is no explanation. */
const SIGMAS = 5

export const meanOf = (values: readonly number[]): Mean => {
  const n = values.length
  const mean = values.reduce((sum, value) => sum + value, 0) / Math.max(1, n)
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0)
  return { mean, stderr: n > 1 ? Math.sqrt(squares / (n - 1) / n) : 0 }
}

/** Two means, by their standard errors. */
export const sameMean = (tensor: string, got: Mean, want: Mean): Check => {
  const off = Math.abs(got.mean - want.mean)
  const allowed = SIGMAS * Math.hypot(got.stderr, want.stderr)
  return { tensor, share: off <= 1e-9 ? 0 : off / allowed }
}

/** Two relative frequencies of something, each of so many draws. */
export const sameRate = (tensor: string, got: number, want: number, draws: number): Check => {
  const p = (got + want) / 2
  return sameMean(tensor, { mean: got, stderr: 0 }, { mean: want, stderr: Math.sqrt((2 * p * (1 - p)) / draws) })
}

/** The number that χ² of so many degrees of freedom exceeds as rarely as a normal number five (Wilson and Hilferty). */
const criticalChiSquare = (freedom: number): number => {
  const spread = 2 / (9 * freedom)
  return freedom * (1 - spread + SIGMAS * Math.sqrt(spread)) ** 3
}

/** Bins one after the other until each holds enough to be compared. */
const mergedBins = (got: readonly number[], want: readonly number[]): readonly (readonly [number, number])[] => {
  const bins: [number, number][] = []
  let open: [number, number] = [0, 0]
  for (const [i, wanted] of want.entries()) {
    open = [open[0] + got[i]!, open[1] + wanted]
    if (open[0] + open[1] < 10) continue
    bins.push(open)
    open = [0, 0]
  }
  const last = bins.pop() ?? [0, 0]
  return [...bins, [last[0] + open[0], last[1] + open[1]]]
}

/** Two histograms of one distribution (χ² test of homogeneity). */
export const sameHistogram = (tensor: string, got: readonly number[], want: readonly number[]): Check => {
  const bins = mergedBins(got, want)
  const total = (which: 0 | 1) => bins.reduce((sum, bin) => sum + bin[which], 0)
  const [ours, theirs] = [total(0), total(1)]
  if (bins.length < 2) return { tensor, share: ours > 0 && theirs > 0 ? 0 : Number.POSITIVE_INFINITY }
  const statistic = bins.reduce(
    (sum, [a, b]) => sum + (a * Math.sqrt(theirs / ours) - b * Math.sqrt(ours / theirs)) ** 2 / (a + b),
    0,
  )
  return { tensor, share: statistic / criticalChiSquare(bins.length - 1) }
}

/** How many values lie between each two edges; the last bin has its upper edge too. */
export const histogram = (values: readonly number[], edges: readonly number[]): readonly number[] => {
  const bins = new Array<number>(edges.length - 1).fill(0)
  for (const value of values) {
    const above = edges.findIndex((edge) => edge > value)
    const bin = above < 0 && value === edges[edges.length - 1] ? bins.length - 1 : above - 1
    if (bin >= 0) bins[bin]! += 1
  }
  return bins
}
