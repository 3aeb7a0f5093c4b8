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

/** Digits behind the point with which values that are so far apart are told exactly; few, where that can't be. */
const digitsFor = (apart: number): number => {
  for (let digits = 0; digits < 6; digits++) {
    const whole = apart * 10 ** digits
    if (Math.abs(whole - Math.round(whole)) < 1e-6 * whole) return digits
  }
  return 1
}

/** How an axis writes its ticks, which are this far apart: with as many digits as tell them apart. */
export const tickLabel = (format: Metric['format'], apart: number): ((value: number) => string) => {
  if (format !== 'percent') return shortNumber
  const digits = digitsFor(100 * apart)
  return (value) => `${(100 * value).toFixed(digits)} %`
}
