/** What a checkpoint remembers of a run besides its tensors. All that is drawn at random is a function of the seed and the step. */
import type { Numbers } from '../ops/probe/metric'

/** What a probe measured when the run began: kept for the summary. */
export interface ProbeBeginning {
  readonly before: Numbers
  /** Of a probe that has a baseline. */
  readonly baseline?: Numbers
  /** What it measured last, where others of the same moment are still due. */
  readonly after?: Numbers
}

export interface Progress {
  /** Steps done. */
  readonly step: number
  /** By the names of the probes; those that were measured before the first step. */
  readonly probes: Readonly<Record<string, ProbeBeginning>>
  /** Probes that were due after this step when a signal came, by their names: they are measured when the run goes on. */
  readonly due?: readonly string[]
}
