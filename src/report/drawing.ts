/** A chart as plain data: what a page holds for its script, which draws it anew in a browser. */
import type { Metric } from '../program/metric'

/** A curve. */
export interface DrawnLine {
  readonly name: string
  readonly color: string
  /** Drawn in dashes: something to compare with. */
  readonly dashed: boolean
  /** In rising order. */
  readonly steps: readonly number[]
  /** At each of the steps; null where the number wasn't finite. */
  readonly values: readonly (number | null)[]
}

/** A step at which something happened. */
export interface Mark {
  readonly step: number
  readonly name: string
}

export interface Drawing {
  readonly title: string
  /** What is on the vertical axis. */
  readonly axis: string
  readonly format: Metric['format']
  /** The last step of the horizontal axis. */
  readonly steps: number
  /** Whether its values were measured now and then, so that each is marked and none is smoothed. */
  readonly marked: boolean
  readonly lines: readonly DrawnLine[]
  readonly marks: readonly Mark[]
}
