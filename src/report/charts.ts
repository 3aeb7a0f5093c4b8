/** Which charts a run's report shows: what its metrics say belongs together. */
import { type Metric, numberMetric } from '../program/metric'
import type { Curves, Point } from '../store/curves'
import { type Chart, type Line, valueLabel } from './chart'

export interface Section {
  readonly title: string
  readonly charts: readonly Chart[]
  /** What stays the same all the time is a number. */
  readonly constants: readonly (readonly [name: string, value: string])[]
}

/** Not worth a curve. */
const CLOCKS = ['epoch', 'seconds']

/** A value that was measured once, as a level over the whole run. */
const level = ([first]: readonly Point[], steps: number): readonly Point[] =>
  first === undefined
    ? []
    : [
        { step: 0, value: first.value },
        { step: steps, value: first.value },
      ]

const undeclared = (name: string): Metric => numberMetric(name, 'monitor', null)

const distinct = <A>(values: readonly A[]): readonly A[] => [...new Set(values)]

/** Sections in their order: losses, one a probe, schedules, monitors; what has no curve is left out. */
export const sectionsOf = ({ curves }: Curves, declared: readonly Metric[], steps: number): readonly Section[] => {
  const known = new Set([...declared.map(({ name }) => name), ...CLOCKS])
  const all = [...declared, ...[...curves.keys()].filter((name) => !known.has(name)).map(undeclared)].filter(({ name }) =>
    curves.has(name),
  )
  const chartsOf = (metrics: readonly Metric[]): readonly Chart[] =>
    distinct(metrics.map(({ chart }) => chart)).map((title) => {
      const drawn = metrics.filter(({ chart }) => chart === title)
      const lines = drawn.map(({ name, baseline }): Line => {
        const points = curves.get(name)!
        return baseline ? { name, points: level(points, steps), dashed: true } : { name, points }
      })
      return { title, lines, steps, format: drawn[0]!.format }
    })
  const constant = ({ name }: Metric): number | undefined => {
    const points = curves.get(name)!
    return points.length > 1 && points.every((point) => point.value === points[0]!.value) ? points[0]!.value : undefined
  }
  const drawn = (title: string, metrics: readonly Metric[]): Section => ({ title, charts: chartsOf(metrics), constants: [] })
  const single = (title: string, metrics: readonly Metric[]): Section => ({
    title,
    charts: chartsOf(metrics.filter((metric) => constant(metric) === undefined)),
    constants: metrics.flatMap((metric) => {
      const value = constant(metric)
      return value === undefined ? [] : [[metric.name, valueLabel(metric.format)(value)] as const]
    }),
  })
  const of = (kind: Metric['kind']): readonly Metric[] => all.filter((metric) => metric.kind === kind)
  const probes = distinct(of('probe').map(({ stage }) => stage))
  return [
    drawn('Losses', of('loss')),
    ...probes.map((probe) =>
      drawn(
        probe ?? 'Probes',
        of('probe').filter(({ stage }) => stage === probe),
      ),
    ),
    single('Schedules', of('schedule')),
    single('Monitors', of('monitor')),
  ].filter(({ charts, constants }) => charts.length + constants.length > 0)
}
