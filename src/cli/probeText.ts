/** What a probe measured, in words. */
import { metricText } from '../base/numberText'
import type { Metric } from '../program/metric'
import type { ProbeSummary } from '../run/events'
import type { Screen } from './terminal'

/** A metric's name without that of its stage. */
const shortName = ({ name, stage }: Metric): string => (stage === null ? name : name.slice(stage.length + 1))

/** `accuracy 50.0 %, pixels 25.0 %`, of numbers by their metrics' names. */
export const numbersText = (metrics: readonly Metric[], numbers: Readonly<Record<string, number>>): string =>
  metrics
    .filter(({ name }) => name in numbers)
    .map((metric) => `${shortName(metric)} ${metricText(metric, numbers[metric.name]!)}`)
    .join(', ')

/** `accuracy 50.0 % → 60.0 % (pixels 25.0 %)`: better is green, worse yellow, neither plain. `metrics` are those of the probe. */
export const courseText = (metrics: readonly Metric[], { before, after, baseline }: ProbeSummary, { colors }: Screen): string => {
  const { green, yellow } = colors
  const courses = metrics.flatMap((metric) => {
    const name = shortName(metric)
    const [first, last] = [before[name], after[name]]
    if (metric.baseline || last === undefined) return []
    if (first === undefined || first === last)
      return [`${name} ${first === undefined ? '' : `${metricText(metric, first)} → `}${metricText(metric, last)}`]
    if (metric.better === null) return [`${name} ${metricText(metric, first)} → ${metricText(metric, last)}`]
    const color = last > first === (metric.better === 'higher') ? green : yellow
    return [`${name} ${metricText(metric, first)} → ${color(metricText(metric, last))}`]
  })
  const compared = metrics.flatMap((metric) => {
    const value = baseline[shortName(metric)]
    return metric.baseline && value !== undefined ? [`${shortName(metric)} ${metricText(metric, value)}`] : []
  })
  return `${courses.join(', ')}${compared.length === 0 ? '' : ` (${compared.join(', ')})`}`
}
