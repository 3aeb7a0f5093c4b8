/** What programs that fit linear classifiers are told. */
import type { Backend } from '../src/engine/backends'

interface Fitting {
  readonly width: number
  readonly classes: number
  readonly threads: number
}

/** A sweep of learning rates, as the linear probe makes it. */
export interface LinearFitting extends Fitting {
  readonly rates: readonly number[]
  readonly batch: number
  /** Of the whole training, which the schedule goes by. */
  readonly epochs: number
}

/** A sweep of penalties, as the logistic regression makes it. */
export interface LogisticFitting extends Fitting {
  readonly strengths: readonly number[]
  readonly iterations: number
  /** Of the gradient, where a fit ends. */
  readonly tolerance: number
}

/** With the folder in which the features lie, as k-NN's do: `bank` is learnt from, `queries` are the test. */
export type Ours<F extends Fitting> = F & { readonly folder: string; readonly backend: Backend }
