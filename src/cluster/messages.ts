/** What members tell each other: headers of frames, declared as tables that check them and give their types. */
import type { Limits } from './frames'

type Check<A> = (value: unknown) => value is A
type Checked<C> = C extends Check<infer A> ? A : never

const text: Check<string> = (value): value is string => typeof value === 'string'
const count: Check<number> = (value): value is number => Number.isSafeInteger(value) && (value as number) >= 0
const truth: Check<boolean> = (value): value is boolean => typeof value === 'boolean'
const list =
  <A>(one: Check<A>): Check<readonly A[]> =>
  (value): value is readonly A[] =>
    Array.isArray(value) && value.every(one)
const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
const texts: Check<Readonly<Record<string, string>>> = (value): value is Readonly<Record<string, string>> =>
  isObject(value) && Object.values(value).every(text)

type Table = Readonly<Record<string, Check<never> | Check<unknown>>>
type Fields<T extends Table> = { readonly [K in keyof T]: Checked<T[K]> }
const fields =
  <T extends Table>(table: T): Check<Fields<T>> =>
  (value): value is Fields<T> =>
    isObject(value) && Object.entries(table).every(([name, check]) => (check as Check<unknown>)(value[name]))

/** What a member says of itself on joining: where it is, a word of its own, and hashes, by names, of what must be the same for all. */
const card = fields({ token: text, version: text, size: count, rank: count, host: text, pid: count, values: texts })
export type Card = Checked<typeof card>

const MESSAGES = {
  /** The first word of who connects, with a number drawn for this connection. */
  hello: fields({ nonce: text }),
  /** Member 0 proves that it knows the secret, and asks for the same. */
  challenge: fields({ nonce: text, proof: text }),
  /** Who connects found the proof wrong. */
  stranger: fields({}),
  card: fields({ proof: text, card }),
  /** This connection alone is turned away. */
  refused: fields({ message: text, remedy: text }),
  /** The card was taken; there may be others to wait for. */
  taken: fields({}),
  note: fields({ text }),
  /** All are here and fit together. */
  together: fields({ names: list(text) }),
  /** A member has come to a point, with bytes for the others, or for member 0 alone. */
  come: fields({ point: text, first: truth }),
  /** All have come; the body holds what each brought. */
  all: fields({ point: text, lengths: list(count) }),
  /** What a member does now. */
  phase: fields({ phase: text }),
  beat: fields({ phase: text }),
  /** A member can't go on. */
  fail: fields({ message: text }),
  /** The end, for everyone. */
  failed: fields({ message: text, remedy: text }),
} as const

export type Kind = keyof typeof MESSAGES
export type Message = { readonly [K in Kind]: { readonly kind: K } & Checked<(typeof MESSAGES)[K]> }[Kind]

/** A header as a message; undefined where it is none. */
export const messageOf = (header: unknown): Message | undefined => {
  if (!isObject(header) || typeof header.kind !== 'string' || !Object.hasOwn(MESSAGES, header.kind)) return undefined
  return MESSAGES[header.kind as Kind](header) ? (header as unknown as Message) : undefined
}

/** Bytes that a member may bring to a point. */
export const MOST_BYTES = 64 * 2 ** 20

/** Before it is known who talks; of a member; of member 0, which sends what all brought. */
export const STRANGER: Limits = { header: 16_384, body: 0 }
export const MEMBER: Limits = { header: 2 ** 20, body: MOST_BYTES }
export const LEADER: Limits = { header: 2 ** 24, body: 2 ** 31 }
