/** The curves of a run: its metrics.jsonl, thinned to what can be looked at, however long the run is. */
import * as TE from 'fp-ts/TaskEither'
import type { Failure } from '../base/failure'
import { fileFailure } from '../io/files'
import { linesIn } from '../io/lines'
import { currentLine } from './oldRuns'

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

/** Points of a curve at most. */
const POINTS = 600

interface Bin {
  step: number
  sum: number
  count: number
}

/** The numbers of a line; none of one that isn't written to its end. */
const numbersOf = (line: string): Readonly<Record<string, unknown>> => {
  try {
    const value: unknown = JSON.parse(line)
    return typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>) : {}
  } catch {
    return {}
  }
}

/** Reads the metrics of a run of so many steps, line by line; a run that has none yet has no curves. */
export const readCurves = (path: string, steps: number): TE.TaskEither<Failure, Curves> =>
  TE.tryCatch(
    async () => {
      const width = Math.max(1, Math.ceil(steps / POINTS))
      const bins = new Map<string, Map<number, Bin>>()
      let last = 0
      const add = (name: string, step: number, value: number): void => {
        const own = bins.get(name) ?? new Map<number, Bin>()
        bins.set(name, own)
        const at = Math.ceil(step / width)
        const bin = own.get(at) ?? { step, sum: 0, count: 0 }
        own.set(at, { step, sum: bin.sum + value, count: bin.count + 1 })
      }
      const addLine = (line: string): void => {
        const { step, ...values } = currentLine(numbersOf(line))
        if (typeof step !== 'number') return
        last = Math.max(last, step)
        for (const [name, value] of Object.entries(values)) if (typeof value === 'number') add(name, step, value)
      }
      try {
        for await (const lines of linesIn(path)) for (const line of lines) addLine(line)
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
      }
      const curve = (own: ReadonlyMap<number, Bin>): readonly Point[] =>
        [...own.values()].map(({ step, sum, count }) => ({ step, value: sum / count })).sort((a, b) => a.step - b.step)
      return { curves: new Map([...bins].map(([name, own]) => [name, curve(own)])), last }
    },
    fileFailure(`cannot read ${path}`),
  )
