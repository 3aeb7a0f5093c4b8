/** Small runs on one machine, as they were measured, and what the model makes of their parts. */
import { BACKWARD } from './figures'
import type { StepSeconds } from './model'

export interface Parts {
  /** A step of a share of the batch, in one process alone, with one thread. */
  readonly share: number
  /** An all-reduce of as many bytes as the gradients, by processes that do nothing else. */
  readonly exchange: number
}

/** What was measured of one thing, in seconds. */
export interface Measured extends Parts {
  /** A step of all processes. */
  readonly step: number
}

export interface CaseOf {
  readonly processes: number
  /** Cores of the machine; a process has one thread. */
  readonly cores: number
  /** By the clock. */
  readonly clock: Measured
  /** Of a processor, in each process: other programs on the machine hardly change it. */
  readonly processor: Measured
}

/** What the model says of a step: more processes than cores take turns. */
export const predictedOf = (
  { processes, cores }: Pick<CaseOf, 'processes' | 'cores'>,
  { share, exchange }: Parts,
): StepSeconds => {
  const compute = share * Math.max(1, processes / cores)
  return { compute, hidden: compute + Math.max(0, exchange - BACKWARD * compute), exposed: compute + exchange }
}
