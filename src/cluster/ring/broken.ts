/** Why a ring is broken: the member at fault, and what it did. Members tell each other, so that all name the same one. */
import { attempt } from '../../base/attempt'
import { printable } from '../../base/printable'

export interface Breach {
  readonly rank: number
  /** What the member did: 'closed the connection'. */
  readonly why: string
}

/** What reductions reject with. */
export class RingBroken extends Error {
  readonly rank: number
  readonly why: string
  constructor({ rank, why }: Breach) {
    super(`member ${rank} ${why}`)
    this.name = 'RingBroken'
    this.rank = rank
    this.why = why
  }
}

/** Bytes that a note may have: longer ones are none of ours. */
export const LONGEST_NOTE = 4096
const LONGEST_WHY = 500

export const encodeNote = ({ rank, why }: Breach): Buffer => Buffer.from(JSON.stringify({ rank, why: why.slice(0, LONGEST_WHY) }))

/** A breach in the text of a note; undefined if it is none. */
export const decodeNote = (bytes: Uint8Array): Breach | undefined =>
  attempt(() => {
    const { rank, why } = JSON.parse(new TextDecoder().decode(bytes)) as Partial<Readonly<Record<string, unknown>>>
    return typeof rank === 'number' && Number.isInteger(rank) && rank >= 0 && typeof why === 'string'
      ? { rank, why: printable(why) }
      : undefined
  })
