/** How charts write their numbers, in a page and in its script. */
import { percent } from '../base/numberText'
import type { Metric } from '../program/metric'

/** Numbers as a legend shows them. */
export const shortNumber = (value: number): string => {
  const rounded = Number(value.toPrecision(4))
  return rounded !== 0 && (Math.abs(rounded) < 1e-3 || Math.abs(rounded) >= 1e6) ? rounded.toExponential() : String(rounded)
}

/** How a chart writes its values: percent as in the terminal. */
export const valueLabel = (format: Metric['format']): ((value: number) => string) =>
  format === 'percent' ? percent : shortNumber

/** How an axis writes its ticks, which are this far apart: with as many digits as tell them apart. */
export const tickLabel =
  (format: Metric['format'], apart: number) =>
  (value: number): string => {
    if (format !== 'percent') return shortNumber(value)
    const digits = apart > 0 ? Math.max(0, -Math.floor(Math.log10(100 * apart) + 1e-9)) : 1
    return `${(100 * value).toFixed(Math.min(digits, 6))} %`
  }
