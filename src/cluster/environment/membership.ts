/** Which of several processes this one is. */
import type { Address } from './variables'

/** What says so: our own `ibot launch`, or the environment of others. */
export type MembershipSource = 'IBOT' | 'TF_CONFIG' | 'SLURM' | 'NNODES' | 'RANK'

/** One process of those that train a run together. */
export interface Membership {
  /** Counted from 0; member 0 leads. */
  readonly rank: number
  /** How many there are. */
  readonly size: number
  /** Where member 0 listens for the meeting. */
  readonly leader: Address
  readonly source: MembershipSource
  /** The name of this machine. */
  readonly host: string
  /** The variables that say so, for messages. */
  readonly words: string
}
