/** Curves of numbers that are told step by step, thinned to what can be looked at, however long the run is. */

export interface Point {
  readonly step: number
  /** The mean over the steps that the point stands for. */
  readonly value: number
}
export interface Curves {
  /** By the names in metrics.jsonl, old names turned into those of today; each in the order of steps. */
  readonly curves: ReadonlyMap<string, readonly Point[]>
  /** The last step that is told of; 0 before the first. */
  readonly last: number
}

/** A line of the metrics, under the names of today. */
export interface MetricsLine {
  readonly step: number
  readonly values: Readonly<Record<string, unknown>>
}

/** Points of a curve at most. */
const POINTS = 600

interface Bin {
  step: number
  sum: number
  count: number
}

/** Collects the curves of a run of so many steps, of at most so many points each. */
export const curveCollector = (steps: number, points = POINTS) => {
  const width = Math.max(1, Math.ceil(steps / points))
  const bins = new Map<string, Map<number, Bin>>()
  let last = 0
  const addValue = (name: string, step: number, value: number): void => {
    const own = bins.get(name) ?? new Map<number, Bin>()
    bins.set(name, own)
    const at = Math.ceil(step / width)
    const bin = own.get(at) ?? { step, sum: 0, count: 0 }
    own.set(at, { step, sum: bin.sum + value, count: bin.count + 1 })
  }
  const curve = (own: ReadonlyMap<number, Bin>): readonly Point[] =>
    [...own.values()].map(({ step, sum, count }) => ({ step, value: sum / count })).sort((a, b) => a.step - b.step)
  return {
    add: ({ step, values }: MetricsLine): void => {
      last = Math.max(last, step)
      for (const [name, value] of Object.entries(values)) if (typeof value === 'number') addValue(name, step, value)
    },
    curves: (): Curves => ({ curves: new Map([...bins].map(([name, own]) => [name, curve(own)])), last }),
  }
}
