/** Small runs on one machine, as they were measured, and what the model makes of their parts. */
import { BACKWARD } from './figures'
import type { StepSeconds } from './model'

/** Seconds. */
export interface CaseOf {
  readonly processes: number
  /** Cores of the machine; a process has one thread. */
  readonly cores: number
  /** A step of a share of the batch, in one process alone, with one thread. */
  readonly share: number
  /** An all-reduce of as many bytes as the gradients, by processes that do nothing else. */
  readonly exchange: number
  /** A step of all processes. */
  readonly step: number
}

/** What the model says of a step: more processes than cores take turns. */
export const predictedOf = ({ processes, cores, share, exchange }: Omit<CaseOf, 'step'>): StepSeconds => {
  const compute = share * Math.max(1, processes / cores)
  return { compute, hidden: compute + Math.max(0, exchange - BACKWARD * compute), exposed: compute + exchange }
}
