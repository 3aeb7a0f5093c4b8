/** Runs beside each other: what each measured, and what differs between them. Pure: what it compares has been read. */
import type { Json } from '../../dsl/type'
import type { Metric } from '../../program/metric'
import { type Difference, differences, pipelineDifferences } from './differences'
import { evaluationMeasures, measuredDifferently } from './evaluations'
import type { Cell, Measure } from './measure'
import type { Results } from './results'

export interface Comparison {
  readonly measures: readonly Measure[]
  /** Fields of the pipelines in full. */
  readonly pipeline: readonly Difference[]
  /** Versions, backend, machine, data. */
  readonly environment: readonly Difference[]
  /** Parameters of probes by which 'ibot eval' measured the runs. */
  readonly evaluations: readonly Difference[]
}

/** The metrics of some kind that any of the runs declares, each once. */
export const metricsIn = (runs: readonly Results[], kind: Metric['kind']): readonly Metric[] => [
  ...new Map(
    runs.flatMap(({ metrics }) => metrics.filter((metric) => metric.kind === kind).map((metric) => [metric.name, metric])),
  ).values(),
]

const newest = ({ course: { last } }: Results, step: number): Pick<Cell, 'step'> => (step === last ? {} : { step })

const measure = (
  facts: Omit<Measure, 'cells'>,
  runs: readonly Results[],
  cell: (run: Results) => Cell | undefined,
): readonly Measure[] => {
  const cells = runs.map((run) => cell(run) ?? null)
  return cells.every((one) => one === null) ? [] : [{ ...facts, cells }]
}

const stepsOf = ({ course: { last }, steps }: Results): Cell | undefined =>
  steps === undefined ? undefined : { value: last, ...(last < steps ? { of: steps } : {}) }

/** The mean of the last steps. */
const lossOf = ({ course }: Results, name: string): Cell | undefined => {
  const recent = course.ends.get(name)?.recent
  return recent === undefined ? undefined : { value: recent }
}

const probeOf = (run: Results, { name, baseline }: Metric): Cell | undefined => {
  const ends = run.course.ends.get(name)
  if (ends === undefined) return undefined
  const { first, last } = ends
  if (baseline) return { value: last.value }
  return { value: last.value, ...(first.step < last.step ? { before: first.value } : {}), ...newest(run, last.step) }
}

/** RankMe of the features, where it was looked at last. */
const RANK = 'featureRank'
const rankOf = (run: Results): Cell | undefined => {
  const last = run.course.ends.get(RANK)?.last
  return last === undefined ? undefined : { value: last.value, ...newest(run, last.step) }
}

const speedOf = ({ about: { batch }, course: { pace } }: Results): Cell | undefined =>
  typeof batch !== 'number' || pace.perStep === undefined ? undefined : { value: batch / pace.perStep }

const secondsOf = ({ course: { pace } }: Results): Cell | undefined =>
  pace.seconds === undefined ? undefined : { value: pace.seconds }

const measuresOf = (runs: readonly Results[]): readonly Measure[] => [
  ...measure({ name: 'steps', kind: 'steps', format: 'count', better: null }, runs, stepsOf),
  ...metricsIn(runs, 'loss').flatMap(({ name, format, better }) =>
    measure({ name, kind: 'loss', format, better }, runs, (run) => lossOf(run, name)),
  ),
  ...metricsIn(runs, 'probe').flatMap((metric) =>
    measure(
      { name: metric.name, kind: 'probe', format: metric.format, better: metric.baseline ? null : metric.better },
      runs,
      (run) => probeOf(run, metric),
    ),
  ),
  ...evaluationMeasures(runs),
  ...measure({ name: RANK, kind: 'rank', format: 'number', better: null }, runs, rankOf),
  ...measure({ name: 'images/s', kind: 'speed', format: 'count', better: 'higher' }, runs, speedOf),
  ...measure({ name: 'seconds', kind: 'speed', format: 'seconds', better: null }, runs, secondsOf),
  ...measure({ name: 'alarms', kind: 'trouble', format: 'count', better: null }, runs, ({ alarms }) => ({
    value: alarms.length,
    names: alarms,
  })),
  ...measure({ name: 'damaged', kind: 'trouble', format: 'count', better: null }, runs, ({ damaged }) => ({ value: damaged })),
]

/** What run.json holds that says nothing of what a run was made with, or that its pipeline says too. */
const ELSEWHERE = ['name', 'seed', 'started', 'steps', 'batch', 'metrics', 'resolved', 'changes']

const environmentOf = ({ about }: Results): { readonly [key: string]: Json } =>
  Object.fromEntries(Object.entries(about).filter(([name]) => !ELSEWHERE.includes(name)))

/** Compares runs, in their order; one alone has nothing that differs. */
export const compareRuns = (runs: readonly Results[]): Comparison => ({
  measures: measuresOf(runs),
  pipeline: pipelineDifferences(runs.map(({ pipeline }) => pipeline)),
  environment: differences(runs.map(environmentOf)),
  evaluations: measuredDifferently(runs),
})

/** Names of runs for a table: those of their folders where they differ, else the paths. */
export const namesOf = (paths: readonly string[]): readonly string[] => {
  const short = paths.map(
    (path) =>
      path
        .replace(/[/\\]+$/, '')
        .split(/[/\\]/)
        .at(-1) ?? path,
  )
  return new Set(short).size === paths.length && !short.some((name) => ['', '.', '..'].includes(name)) ? short : paths
}
