/** What a comparison says in words: the same in a terminal and on a page. */
import { significant } from '../../base/numberText'
import { flow } from '../../dsl/print'
import { shortNumber } from '../labels'
import type { Held } from './differences'
import type { Cell, Measure } from './measure'

/** Stands where a run has nothing. */
export const NOTHING = '–'

const number = (value: number): string =>
  Math.abs(value) >= 0.01 && Math.abs(value) < 1e6 ? value.toFixed(3) : shortNumber(value)

const FORMATS: Readonly<Record<Measure['format'], (value: number) => string>> = {
  number,
  percent: (value) => `${(100 * value).toFixed(1)} %`,
  count: (value) => (value >= 10 || Number.isInteger(value) ? String(Math.round(value)) : value.toFixed(1)),
  seconds: (value) => (value >= 10 ? String(Math.round(value)) : value.toFixed(1)),
}

/** `50.0 % → 60.0 %`; `60.0 % (55.1 – 64.8 %) at step 100`. */
export const cellText = ({ format, kind, better }: Pick<Measure, 'format' | 'kind' | 'better'>, cell: Cell | null): string => {
  if (cell === null) return NOTHING
  const { value, before, interval, step, names, of } = cell
  if (names !== undefined) return names.length === 0 ? 'none' : names.join(', ')
  // What is better neither high nor low is a setting, such as the learning rate that a probe found.
  const text = format === 'number' && better === null && kind !== 'rank' ? significant : FORMATS[format]
  const [low, high] = interval === undefined ? [] : [text(interval.low), text(interval.high)]
  return [
    ...(before === undefined ? [] : [`${text(before)} →`]),
    text(value),
    ...(low === undefined || high === undefined ? [] : [`(${low.replace(/ %$/, '')} – ${high})`]),
    ...(of === undefined ? [] : [`of ${of}`]),
    ...(step === undefined || kind === 'rank' ? [] : [`at step ${step}`]),
  ].join(' ')
}

/** A value of a pipeline as YAML on a line. */
export const heldText = (value: Held): string => (value === undefined ? NOTHING : flow(value))
