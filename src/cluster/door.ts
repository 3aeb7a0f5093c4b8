/** The door of member 0: who connects shows that it is a member and knows the secret, or is turned away. See `meeting`. */

import type { Frame } from './frames'
import type { Entered, Link } from './link'
import { type Card, type Message, messageOf } from './messages'
import { isProof, newNonce, proofOf } from './secret'

export interface DoorOptions {
  readonly secret: string
  readonly enter: (card: Card, link: Link) => Entered
}

/** Who has connected. */
export interface Guest {
  readonly isIn: () => boolean
  /** Gives why it is to be turned away, where it is. */
  readonly hear: (frame: Frame) => string | undefined
  readonly gone: () => void
}

export const OTHER_SECRET = 'it knows another secret, or none'
const NO_MEMBER = 'bytes that no member sends'

const REFUSED = {
  message: 'member 0 knows another secret than this member, or one of them knows none',
  remedy: 'Set the same IBOT_SECRET for all members, or for none.',
}

/** Who has just connected. */
export const newGuest = ({ secret, enter }: DoorOptions, link: Link): Guest => {
  let nonces: readonly [asked: string, answered: string] | undefined
  let entered: Entered | undefined
  const challenge = (asked: string): void => {
    nonces = [asked, newNonce()]
    link.send({ kind: 'challenge', nonce: nonces[1], proof: proofOf(secret, 'leader', ...nonces) })
  }
  const greet = (message: Message): string | undefined => {
    if (message.kind === 'hello' && nonces === undefined) {
      challenge(message.nonce)
      return undefined
    }
    if (nonces === undefined) return NO_MEMBER
    if (message.kind === 'stranger') return OTHER_SECRET
    if (message.kind !== 'card') return NO_MEMBER
    if (!isProof(message.proof, secret, 'member', ...nonces)) {
      link.send({ kind: 'refused', ...REFUSED })
      return OTHER_SECRET
    }
    if (message.card.rank >= message.card.size) return NO_MEMBER
    entered = enter(message.card, link)
    return undefined
  }
  return {
    isIn: () => entered !== undefined,
    hear: ({ header, body }) => {
      const message = messageOf(header)
      if (message === undefined) return NO_MEMBER
      if (entered === undefined) return greet(message)
      entered.hear(message, body)
      return undefined
    },
    gone: () => entered?.gone(),
  }
}
