/** A number of several runs, and which of them has the best. */
import type { Interval } from '../../metric/bootstrap'
import type { Metric } from '../../program/metric'

/** One number of one run. */
export interface Cell {
  readonly value: number
  /** What a probe measured before the training. */
  readonly before?: number
  /** 95 %, by bootstrap. */
  readonly interval?: Interval
  /** Steps done when it was measured, where that isn't the run's newest step. */
  readonly step?: number
  /** What is counted: the names of the alarms. */
  readonly names?: readonly string[]
  /** Out of how many, where that isn't all yet. */
  readonly of?: number
}

/** One number of every run. */
export interface Measure {
  readonly name: string
  readonly kind: 'steps' | 'loss' | 'probe' | 'evaluation' | 'rank' | 'speed' | 'trouble'
  readonly format: Metric['format'] | 'count' | 'seconds'
  /** Null where neither is. */
  readonly better: Metric['better']
  /** In the order of the runs; null where a run has none. */
  readonly cells: readonly (Cell | null)[]
}

/** Which runs have the best value of a measure, several if they share it; none where nothing is better, or all have the same. */
export const bestOf = ({ better, cells }: Measure): readonly boolean[] => {
  const values = cells.flatMap((cell) => (cell !== null && Number.isFinite(cell.value) ? [cell.value] : []))
  const best = better === 'higher' ? Math.max(...values) : better === 'lower' ? Math.min(...values) : undefined
  const differ = values.length > 1 && values.some((value) => value !== values[0])
  return cells.map((cell) => differ && cell !== null && cell.value === best)
}
