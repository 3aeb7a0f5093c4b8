/** What the part of a member that talks to others is told, asked and tells. */
import type { Address } from './environment/variables'
import type { Card } from './messages'
import type { Lookup } from './resolve'
import type { Loss } from './watch'

/** Plain data, so that it can be told to a thread. Times are in milliseconds. */
export interface PostData {
  readonly leader: Address
  /** What this member says of itself. */
  readonly card: Card
  readonly secret: string
  readonly trusted: boolean
  /** How long to wait for all members to come. */
  readonly join: number
  /** How long a member may be silent, or let the others wait. */
  readonly timeout: number
  /** Between two beats. */
  readonly beat: number
  /** How long who connects may take to show that it is a member. */
  readonly greet: number
  /** How long others may still come after two were found that don't fit, so that one message names all. */
  readonly settle: number
}

export interface PostOptions extends PostData {
  readonly now: () => number
  readonly note: (text: string) => void
  readonly lookup: Lookup
}

/** What it is asked. */
export type Asked =
  | { readonly kind: 'come'; readonly point: string; readonly body: Uint8Array; readonly first: boolean }
  | { readonly kind: 'phase'; readonly phase: string }
  | { readonly kind: 'fail'; readonly message: string }
  /** To end at once, without a word. */
  | { readonly kind: 'quit' }

/** What it tells; `failed` and `left` are the last. */
export type Told =
  | { readonly kind: 'note'; readonly text: string }
  | { readonly kind: 'together'; readonly names: readonly string[] }
  | { readonly kind: 'all'; readonly bodies: readonly Uint8Array[] }
  | ({ readonly kind: 'failed' } & Loss)
  | { readonly kind: 'left' }

export interface Post {
  readonly ask: (asked: Asked) => void
  /** Frees what is left after the last word. */
  readonly close: () => Promise<void>
  /** Whether it keeps the process alive. */
  readonly hold: (yes: boolean) => void
}
