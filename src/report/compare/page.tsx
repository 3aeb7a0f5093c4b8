/** The page that compares runs: a table, what differs, and the curves of all runs, those of a metric in one chart. */
import * as TE from 'fp-ts/TaskEither'
import type { VNode } from 'preact'
import { defect, type Failure } from '../../base/failure'
import type { Metric } from '../../program/metric'
import { type Chart, loadCharts } from '../chart'
import { axisOf } from '../charts'
import { healthyOf } from '../monitors'
import { page } from '../page'
import { type Comparison, metricsIn } from './comparison'
import type { Difference } from './differences'
import { bestOf, type Measure } from './measure'
import type { Results } from './results'
import { cellText, heldText } from './words'

export interface ComparedRuns {
  readonly title: string
  /** Of the runs, in their order. */
  readonly names: readonly string[]
  readonly results: readonly Results[]
  readonly comparison: Comparison
  /** Rows above those of the measures: the axes of a sweep, and how its runs ended. */
  readonly labels: readonly Labels[]
}

/** A word for each run. */
export interface Labels {
  readonly name: string
  readonly values: readonly string[]
}

const SECTIONS = [
  ['Losses', 'loss'],
  ['Probes', 'probe'],
  ['Schedules', 'schedule'],
  ['Monitors', 'monitor'],
] as const

/** The curves of a metric, one a run; none where no run has any, or it stays the same in all of them all the time. */
const chartOf = (names: readonly string[], results: readonly Results[], metric: Metric): readonly Chart[] => {
  const { name, format, kind } = metric
  const lines = results.flatMap(({ course }, i) => {
    const points = course.curves.get(name)
    return points === undefined ? [] : [{ name: names[i]!, points }]
  })
  const values = lines.flatMap(({ points }) => points.map(({ value }) => value))
  if (values.every((value) => value === values[0])) return []
  const steps = Math.max(...results.map((run) => run.steps ?? run.course.last))
  return [{ title: name, lines, steps, format, axis: axisOf([metric]), marked: kind === 'probe' }]
}

const Row = ({ name, cells }: { readonly name: string; readonly cells: readonly VNode[] }): VNode => (
  <tr>
    <th>{name}</th>
    {cells}
  </tr>
)

const Heads = ({ names }: { readonly names: readonly string[] }): VNode => (
  <Row name="" cells={names.map((name) => <th key={name}>{name}</th>)} />
)

const MeasureRow = ({ measure }: { readonly measure: Measure }): VNode => {
  const best = bestOf(measure)
  return (
    <Row
      name={measure.name}
      cells={measure.cells.map((cell, i) => (
        <td key={i}>{best[i] ? <b>{cellText(measure, cell)}</b> : cellText(measure, cell)}</td>
      ))}
    />
  )
}

const Words = ({ name, values }: Labels): VNode => <Row name={name} cells={values.map((value, i) => <td key={i}>{value}</td>)} />

const Differences = ({
  title,
  names,
  all,
}: {
  readonly title: string
  readonly names: readonly string[]
  readonly all: readonly Difference[]
}): VNode => (
  <section>
    <h2>{title}</h2>
    {all.length === 0 ? (
      <p class="note">Nothing.</p>
    ) : (
      <div class="wide">
        <table class="columns">
          <tbody>
            <Heads names={names} />
            {all.map(({ path, values }) => (
              <Words key={path} name={path} values={values.map(heldText)} />
            ))}
          </tbody>
        </table>
      </div>
    )}
  </section>
)

const render = async ({ title, names, results, comparison, labels }: ComparedRuns): Promise<string> => {
  const chart = await loadCharts()
  const { measures, pipeline, environment, evaluations } = comparison
  return page(
    title,
    <>
      <div class="wide">
        <table class="columns">
          <tbody>
            <Heads names={names} />
            {labels.map((label) => (
              <Words key={label.name} {...label} />
            ))}
            {measures.map((measure) => (
              <MeasureRow key={measure.name} measure={measure} />
            ))}
          </tbody>
        </table>
      </div>
      <p class="note">
        Losses are means of the last 50 steps; probes before → after the training; 95 % intervals by bootstrap; the best in bold.
      </p>
      <Differences title="What differs between the pipelines" names={names} all={pipeline} />
      <Differences title="What they were made with" names={names} all={environment} />
      {evaluations.length > 0 && <Differences title="How they were measured" names={names} all={evaluations} />}
      {SECTIONS.map(([heading, kind]) => {
        const charts = metricsIn(results, kind)
          .filter(({ baseline }) => !baseline)
          .flatMap((metric) => chartOf(names, results, metric))
        return charts.length === 0 ? undefined : (
          <section key={heading}>
            <h2>{heading}</h2>
            <div class="charts">
              {charts.map((one) =>
                chart(one, {
                  wide: kind === 'loss' || kind === 'probe',
                  note: kind === 'monitor' ? healthyOf(one.title) : undefined,
                }),
              )}
            </div>
          </section>
        )
      })}
    </>,
    { script: true },
  )
}

/** The page's text. */
export const comparisonPage = (compared: ComparedRuns): TE.TaskEither<Failure, string> =>
  TE.tryCatch(() => render(compared), defect)
