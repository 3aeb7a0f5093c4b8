/** Several processes that compute a step together, as what computes sees them. */
import type { KeyValueStore } from '../base/keyValueStore'
import type { Reduction } from '../base/reduction'

export interface Collective {
  /** How many processes there are. */
  readonly size: number
  /**
   * Makes values what those of all processes come to, in place. All of them ask for the same reductions of the same lengths in the
   * same order. Rejects with `ExchangeBroken` where a process is lost.
   */
  readonly allReduce: (values: Float32Array, reduction: Reduction) => Promise<void>
}

/** The processes that compute together, as one of them sees them: for what lets devices exchange values by themselves. */
export interface Processes {
  /** The number of this one, from 0. */
  readonly rank: number
  readonly size: number
  /** By what they meet. It serves one engine of each of them. */
  readonly store: KeyValueStore
}
