/** What a probe measured, in words. */
import type { Metric } from '../program/metric'
import type { ProbeSummary } from '../run/events'
import type { Screen } from './terminal'
import { fixed, percent, significant } from './words'

/** A number that is better neither high nor low is a setting: `0.0001`, `4`. */
export const valueText = ({ format, better }: Pick<Metric, 'format' | 'better'>, value: number): string =>
  format === 'percent' ? percent(value) : better === null ? significant(value) : fixed(value)

/** A metric's name without that of its stage. */
const shortName = ({ name, stage }: Metric): string => (stage === null ? name : name.slice(stage.length + 1))

/** `accuracy 50.0 %, pixels 25.0 %`, of numbers by their metrics' names. */
export const numbersText = (metrics: readonly Metric[], numbers: Readonly<Record<string, number>>): string =>
  metrics
    .filter(({ name }) => name in numbers)
    .map((metric) => `${shortName(metric)} ${valueText(metric, numbers[metric.name]!)}`)
    .join(', ')

/** `accuracy 50.0 % → 60.0 % (pixels 25.0 %)`: better is green, worse yellow, neither plain. `metrics` are those of the probe. */
export const courseText = (metrics: readonly Metric[], { before, after, baseline }: ProbeSummary, { colors }: Screen): string => {
  const { green, yellow } = colors
  const courses = metrics.flatMap((metric) => {
    const name = shortName(metric)
    const [first, last] = [before[name], after[name]]
    if (metric.baseline || last === undefined) return []
    if (first === undefined || first === last)
      return [`${name} ${first === undefined ? '' : `${valueText(metric, first)} → `}${valueText(metric, last)}`]
    if (metric.better === null) return [`${name} ${valueText(metric, first)} → ${valueText(metric, last)}`]
    const color = last > first === (metric.better === 'higher') ? green : yellow
    return [`${name} ${valueText(metric, first)} → ${color(valueText(metric, last))}`]
  })
  const compared = metrics.flatMap((metric) => {
    const value = baseline[shortName(metric)]
    return metric.baseline && value !== undefined ? [`${shortName(metric)} ${valueText(metric, value)}`] : []
  })
  return `${courses.join(', ')}${compared.length === 0 ? '' : ` (${compared.join(', ')})`}`
}
