/** What 'ibot eval' measured of a run: eval.jsonl, one measurement of one probe a line. */
import * as fs from 'node:fs/promises'
import * as TE from 'fp-ts/TaskEither'
import type { Failure } from '../base/failure'
import { fileFailure } from '../base/fileFailure'
import type { NetworkName } from '../base/networkName'
import type { Op } from '../dsl/type'
import { type JsonLine, objectsIn } from '../io/jsonLines'
import type { Interval } from '../metric/bootstrap'
import type { Numbers, ProbeMetrics } from '../ops/probe/metric'
import type { RunFolder } from './folder'

const NEWLINE = 10

/** What one probe measured of a run. */
export interface Evaluation {
  readonly probe: string
  /** The stage in full, by which the same can be measured again. */
  readonly stage: Op
  readonly network: NetworkName
  /** Steps of training. */
  readonly step: number
  readonly numbers: Numbers
  /** 95 % intervals of those numbers that come of pictures one by one: how far they would differ with other test pictures. */
  readonly intervals: Readonly<Record<string, Interval>>
  /** What the probe compares them with. */
  readonly baseline: Numbers
  /** How the numbers are to be read, those of the baseline too. */
  readonly metrics: ProbeMetrics
  /** Pictures of the probe that couldn't be read. */
  readonly damaged: number
  readonly seconds: number
  readonly backend: string
  /** ISO 8601. */
  readonly time: string
}

/** Whether a file ends within a line, which was cut off. */
const endsWithinLine = async (path: string): Promise<boolean> => {
  const size = await fs.stat(path).then(
    (found) => found.size,
    () => 0,
  )
  if (size === 0) return false
  const file = await fs.open(path)
  try {
    const { buffer } = await file.read(Buffer.alloc(1), 0, 1, size - 1)
    return buffer[0] !== NEWLINE
  } finally {
    await file.close()
  }
}

/** Adds a line. */
export const logEvaluation = ({ evaluations }: RunFolder, evaluation: Evaluation): TE.TaskEither<Failure, void> =>
  TE.tryCatch(
    async () => {
      const beginning = (await endsWithinLine(evaluations)) ? '\n' : ''
      await fs.appendFile(evaluations, `${beginning}${JSON.stringify(evaluation)}\n`)
    },
    fileFailure(`cannot write ${evaluations}`),
  )

const isNumbers = (value: unknown): value is Numbers =>
  typeof value === 'object' && value !== null && Object.values(value).every((one) => typeof one === 'number')
const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> => typeof value === 'object' && value !== null

/** Whether a line holds a measurement. */
const isEvaluation = (line: JsonLine): boolean => {
  const { probe, step, numbers, baseline, intervals, metrics } = line
  const whole =
    typeof probe === 'string' && typeof step === 'number' && isNumbers(numbers) && isNumbers(baseline) && isRecord(intervals)
  return whole && isRecord(metrics)
}

/** All measurements of a run, in their order; none where nothing was measured. */
export const readEvaluations = ({ evaluations }: RunFolder): TE.TaskEither<Failure, readonly Evaluation[]> =>
  TE.tryCatch(
    async () => {
      const found: Evaluation[] = []
      for await (const lines of objectsIn(evaluations))
        found.push(...(lines.filter(isEvaluation) as readonly unknown[] as readonly Evaluation[]))
      return found
    },
    fileFailure(`cannot read ${evaluations}`),
  )

/** The newest measurement of each probe, in the order of their first ones. */
export const newestOfEach = (evaluations: readonly Evaluation[]): readonly Evaluation[] => [
  ...new Map(evaluations.map((one) => [JSON.stringify([one.stage, one.network]), one])).values(),
]
