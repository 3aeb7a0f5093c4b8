/** Which charts a run's report shows: what its metrics say belongs together. */
import { type Metric, numberMetric } from '../program/metric'
import type { Curves, Point } from '../store/curveCollector'
import type { Chart, Line } from './chart'
import { valueLabel } from './labels'

export interface Section {
  readonly title: string
  readonly kind: Metric['kind']
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

/** A metric's name without that of its stage. */
const shortName = (name: string): string => name.slice(name.lastIndexOf('.') + 1)

/** What is on a chart's vertical axis: what its metrics are called alike, as far as one says so. */
export const axisOf = (metrics: readonly Metric[]): string => {
  const names = distinct(metrics.filter(({ baseline }) => !baseline).map(({ name }) => shortName(name)))
  return names.length === 1 ? names[0]! : metrics.every(({ format }) => format === 'percent') ? 'share' : 'value'
}

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
      return { title, lines, steps, format: drawn[0]!.format, axis: axisOf(drawn), marked: drawn[0]!.kind === 'probe' }
    })
  const constant = ({ name }: Metric): number | undefined => {
    const points = curves.get(name)!
    return points.length > 1 && points.every((point) => point.value === points[0]!.value) ? points[0]!.value : undefined
  }
  const drawn = (title: string, kind: Metric['kind'], metrics: readonly Metric[]): Section => ({
    ...{ title, kind, constants: [] },
    charts: chartsOf(metrics),
  })
  const single = (title: string, kind: Metric['kind'], metrics: readonly Metric[]): Section => ({
    ...{ title, kind },
    charts: chartsOf(metrics.filter((metric) => constant(metric) === undefined)),
    constants: metrics.flatMap((metric) => {
      const value = constant(metric)
      return value === undefined ? [] : [[metric.name, valueLabel(metric.format)(value)] as const]
    }),
  })
  const of = (kind: Metric['kind']): readonly Metric[] => all.filter((metric) => metric.kind === kind)
  const probes = distinct(of('probe').map(({ stage }) => stage))
  return [
    drawn('Losses', 'loss', of('loss')),
    ...probes.map((probe) =>
      drawn(
        probe ?? 'Probes',
        'probe',
        of('probe').filter(({ stage }) => stage === probe),
      ),
    ),
    single('Schedules', 'schedule', of('schedule')),
    single('Monitors', 'monitor', of('monitor')),
  ].filter(({ charts, constants }) => charts.length + constants.length > 0)
}
