/** The curves of a run: its metrics.jsonl. */
import * as TE from 'fp-ts/TaskEither'
import type { Failure } from '../base/failure'
import { fileFailure } from '../base/fileFailure'
import { objectsIn } from '../io/jsonLines'
import { type Curves, curveCollector, type MetricsLine } from './curveCollector'
import { currentLine } from './oldRuns'

/** Reads the metrics of a run, line by line. */
export const readMetrics = (path: string, add: (line: MetricsLine) => void): TE.TaskEither<Failure, void> =>
  TE.tryCatch(
    async () => {
      for await (const lines of objectsIn(path))
        for (const line of lines) {
          const { step, ...values } = currentLine(line)
          if (typeof step === 'number') add({ step, values })
        }
    },
    fileFailure(`cannot read ${path}`),
  )

/** Reads the curves of a run of so many steps; a run that has none yet has no curves. */
export const readCurves = (path: string, steps: number): TE.TaskEither<Failure, Curves> => {
  const collector = curveCollector(steps)
  return TE.map(collector.curves)(readMetrics(path, collector.add))
}
