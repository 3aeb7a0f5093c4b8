/** Several processes that compute a step together, as what computes sees them. */
import type { Reduction } from '../nn/across'

export interface Collective {
  /** How many processes there are. */
  readonly size: number
  /**
   * Makes values what those of all processes come to, in place. All of them ask for the same reductions of the same lengths in the
   * same order. Rejects with `ExchangeBroken` where a process is lost.
   */
  readonly allReduce: (values: Float32Array, reduction: Reduction) => Promise<void>
}
