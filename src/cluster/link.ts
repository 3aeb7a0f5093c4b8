/** Ways between members, whatever they go over: a connection, or none within one process. */
import type { Message } from './messages'

/** A way to a member. What was sent before `close` still goes out. */
export interface Link {
  readonly send: (message: Message, body?: Uint8Array) => void
  readonly close: () => void
}

/** A member as member 0 hears it. */
export interface Entered {
  readonly hear: (message: Message, body: Uint8Array) => void
  readonly gone: () => void
}
