/** What a run tells to TensorBoard and to loggers: the numbers of its steps and probes. */
import type { Numbers } from '../ops/probe/metric'
import type { RunEvent } from './events'

/** Numbers by the names that they have in metrics.jsonl. */
export interface Measured {
  /** Steps done. */
  readonly step: number
  readonly numbers: Numbers
}

/** Of a longer run not every step is told: a chart shows a thousand points of a curve. */
const POINTS = 10_000

const numbersIn = (values: object): Numbers =>
  Object.fromEntries(Object.entries(values).filter(([, value]) => typeof value === 'number'))

/** What events of a run of so many steps tell of; undefined where there is no number, or none that is needed. */
export const measuredIn = (steps: number): ((event: RunEvent) => Measured | undefined) => {
  const every = Math.ceil(steps / POINTS)
  return (event) => {
    if (event.event === 'probe') return { step: event.step, numbers: numbersIn(event.numbers) }
    if (event.event !== 'step' || (event.step % every !== 0 && event.step !== steps)) return undefined
    const { event: _event, step, epoch: _epoch, secondsLeft: _left, terms, monitors, numbers, ...own } = event
    return { step, numbers: { ...numbersIn(own), ...numbersIn(terms), ...numbersIn(monitors), ...numbersIn(numbers) } }
  }
}
