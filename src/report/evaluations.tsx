/** What 'ibot eval' measured of a run, as rows of words and as a table in a page. */
import type { VNode } from 'preact'
import { metricText } from '../base/numberText'
import type { Evaluation } from '../store/evaluations'

export const HEADINGS = ['probe', 'metric', 'value', '95 % interval', 'after step'] as const

/** A row for each metric; a probe is named in its first. */
export const evaluationRows = ({
  probe,
  step,
  numbers,
  intervals,
  baseline,
  metrics,
}: Evaluation): readonly (readonly string[])[] =>
  Object.entries({ ...numbers, ...baseline }).map(([name, value], i) => {
    const text = (of: number): string => metricText(metrics[name] ?? { format: 'number', better: 'higher' }, of)
    const interval = intervals[name]
    return [
      i === 0 ? probe : '',
      name,
      text(value),
      interval === undefined ? '' : `${text(interval.low)} – ${text(interval.high)}`,
      i === 0 ? String(step) : '',
    ]
  })

/** A table of measurements. */
export const Evaluations = ({ evaluations }: { readonly evaluations: readonly Evaluation[] }): VNode => (
  <table class="columns">
    <thead>
      <tr>
        {HEADINGS.map((heading) => (
          <th key={heading}>{heading}</th>
        ))}
      </tr>
    </thead>
    <tbody>
      {evaluations.flatMap((evaluation) =>
        evaluationRows(evaluation).map((row) => (
          <tr key={`${evaluation.time} ${row[1]}`}>
            {row.map((word, column) => (
              <td key={HEADINGS[column]}>{word}</td>
            ))}
          </tr>
        )),
      )}
    </tbody>
  </table>
)
