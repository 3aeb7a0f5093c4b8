/** The teacher's temperature of the official code, in this project's schedules. */

import { constant, linear, piecewise } from '../../src/ops/all'
import type { Duration } from '../../src/ops/schedule/kind'

export interface Warming {
  /** Epochs that it stays at the first value before it warms up. */
  readonly start: number
  readonly epochs: number
  readonly from: number
  readonly to: number
}

const epochs = (count: number): Duration => `${count} epochs`

/** Constant for a while, then a straight line by epochs, then constant. */
export const temperature = ({ start, epochs: warm, from, to }: Warming) =>
  piecewise([
    ...(start > 0 ? [constant({ value: from, for: epochs(start) })] : []),
    ...(warm > 0 ? [linear({ from, to, for: epochs(warm), per: 'epoch' as const })] : []),
    constant(to),
  ])
