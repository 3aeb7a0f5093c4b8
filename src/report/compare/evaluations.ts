/** What 'ibot eval' measured of several runs, beside each other. */
import type { Evaluation } from '../../store/evaluations'
import { type Difference, differences, stagesOf } from './differences'
import type { Measure } from './measure'
import type { Results } from './results'

/** The newest measurement of a probe and a network, whatever its parameters. */
const newestOf = ({ evaluations }: Results, key: string): Evaluation | undefined =>
  evaluations.filter((one) => keyOf(one) === key).toSorted((a, b) => (a.time < b.time ? 1 : -1))[0]

const keyOf = ({ probe, network }: Evaluation): string => `${probe} ${network}`
const keysIn = (runs: readonly Results[]): readonly string[] => [
  ...new Set(runs.flatMap(({ evaluations }) => evaluations.map(keyOf))),
]

/** `knn.accuracy (eval)`; with the network where there are measurements of both. */
const titleOf = ({ probe, network }: Evaluation, metric: string, both: boolean): string =>
  `${probe}.${metric} (eval${both ? ` of the ${network}` : ''})`

/** Each number of each probe, with its 95 % interval. */
export const evaluationMeasures = (runs: readonly Results[]): readonly Measure[] => {
  const both = new Set(runs.flatMap(({ evaluations }) => evaluations.map(({ network }) => network))).size > 1
  return keysIn(runs).flatMap((key) => {
    const found = runs.map((run) => newestOf(run, key))
    const some = found.find((one) => one !== undefined)!
    // None is better than one that was measured otherwise.
    const alike = differing(runs, key).length === 0
    const metrics: Evaluation['metrics'] = Object.assign({}, ...found.map((one) => one?.metrics))
    const names = [...new Set(found.flatMap((one) => (one === undefined ? [] : Object.keys(one.numbers))))]
    return names.map((name) => ({
      name: titleOf(some, name, both),
      kind: 'evaluation' as const,
      format: metrics[name]?.format ?? 'number',
      better: alike ? (metrics[name]?.better ?? null) : null,
      cells: found.map((one, i) => {
        const value = one?.numbers[name]
        if (one === undefined || value === undefined) return null
        const interval = one.intervals[name]
        return {
          value,
          ...(interval === undefined ? {} : { interval }),
          ...(one.step === runs[i]!.course.last ? {} : { step: one.step }),
        }
      }),
    }))
  })
}

/** Where the newest measurements of a probe and a network had other parameters. */
const differing = (runs: readonly Results[], key: string): readonly Difference[] => {
  const stages = runs.map((run) => newestOf(run, key)?.stage)
  const there = stages.flatMap((stage, i) => (stage === undefined ? [] : [{ stage, i }]))
  return differences(there.map(({ stage }) => stagesOf([stage]))).map(({ path, values }) => ({
    path,
    values: runs.map((_, i) => values[there.findIndex((one) => one.i === i)]),
  }))
}

/** Where runs were measured by probes of one name and other parameters, so that their numbers aren't of one kind. */
export const measuredDifferently = (runs: readonly Results[]): readonly Difference[] =>
  keysIn(runs).flatMap((key) => differing(runs, key))
