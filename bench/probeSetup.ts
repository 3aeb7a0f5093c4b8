/** What a program that measures a probe is told. */
import type { Backend } from '../src/engine/backends'

export interface ProbeSetup {
  /** The probe as a stage of a pipeline, in YAML. */
  readonly stage: string
  /** Rows of features that it learns from, or clusters. */
  readonly rows: number
  /** Rows that it tests, if it does. */
  readonly tests: number
  readonly width: number
  readonly classes: number
  readonly threads: number
  readonly backend: Backend
}
