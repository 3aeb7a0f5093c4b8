/**
 * What a value in a pipeline may be, as a description that others interpret: the decoder (decode.ts), the JSON Schema
 * (schema.ts), the documentation (explain.ts), the printers (print.ts) and the meaning (meaning.ts).
 *
 * A description has three types: `W`, what a person writes; `A`, what it is after decoding, sugar removed and
 * defaults filled in; `M`, what the program makes of it.
 */
import * as t from 'io-ts'

/** A JSON value: of a schema, of a document. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json }

export type Node =
  | {
      readonly tag: 'leaf'
      /** Accepts what may be written and gives the decoded value. */
      readonly codec: t.Type<unknown, unknown, unknown>
      /** Completes the sentence "expected …". */
      readonly expected: string
      readonly schema: Json
      readonly mean: (decoded: unknown) => unknown
    }
  | { readonly tag: 'list'; readonly item: AnyType; readonly min: number; readonly max: number; readonly single: boolean }
  | { readonly tag: 'struct'; readonly fields: Fields }
  | { readonly tag: 'op'; readonly kind: AnyKind }
  | { readonly tag: 'numberOr'; readonly kind: AnyKind }
  | { readonly tag: 'steps'; readonly before: AnyKind; readonly last: AnyKind }

export interface Type<in W, out A, out M> {
  readonly node: Node
  readonly _types?: ((written: W) => readonly [A, M]) | undefined
}
// biome-ignore lint/suspicious/noExplicitAny: a description of any type, whatever its variance
export type AnyType = Type<any, any, any>
export type WrittenOf<T> = T extends Type<infer W, infer _A, infer _M> ? W : never
export type DecodedOf<T> = T extends Type<infer _W, infer A, infer _M> ? A : never
export type MeaningOf<T> = T extends Type<infer _W, infer _A, infer M> ? M : never

// ---------------------------------------------------------------------------------------------------------- kinds

/** A family of ops that can stand in the same place: schedules, masks, augmentations, stages, … */
export interface Kind<K extends string, M, S = never, X = unknown> {
  readonly name: K
  /** With its article: "a schedule". */
  readonly article: string
  /** A shorter way to write some op of this kind: gives the op's name and body, or undefined where it does not apply. */
  readonly sugar?:
    | { readonly expected: string; readonly schema: Json; readonly remove: (written: unknown) => Json | undefined }
    | undefined
  /** Keys that may be added to any op of this kind, and the op that then stands around it. */
  readonly modifiers?:
    | Readonly<Record<string, { readonly field: AnyField; readonly wrap: (value: unknown, op: Op) => Op }>>
    | undefined
  readonly _types?: { readonly short: S; readonly extra: X; readonly meaning: M } | undefined
}
// biome-ignore lint/suspicious/noExplicitAny: a kind of any meaning
export type AnyKind = Kind<string, any, any, any>

/** A kind whose ops mean `M`, may be written shorter as `S`, and take the modifiers `X` besides their parameters. */
export const kind =
  <M, S = never, X = unknown>() =>
  <const K extends string>(spec: Omit<Kind<K, M, S, X>, '_types'>): Kind<K, M, S, X> =>
    spec

/** An op as data: one key, its name, and under it its parameters, e.g. `{ cosine: { from: 1, to: 0 } }`. */
export type Op<K extends string = string> = { readonly [name: string]: Json } & { readonly _kind?: K | undefined }

/** The name and the parameters of an op. */
export const opName = (op: Op): string => Object.keys(op)[0] ?? ''
export const opBody = (op: Op): Readonly<Record<string, Json>> => op[opName(op)] as Readonly<Record<string, Json>>

// --------------------------------------------------------------------------------------------------------- fields

/** A parameter of an op: its type, its meaning in words, and what it is when it isn't written. */
export interface Field<T extends AnyType, Optional extends boolean> {
  readonly type: T
  readonly doc: string
  /** Whether it may be left out. */
  readonly optional: boolean
  /** What it is then, as it would be written; undefined where leaving it out has a meaning of its own. */
  readonly fallback?: WrittenOf<T> | undefined
  readonly _optional?: Optional | undefined
}
// biome-ignore lint/suspicious/noExplicitAny: a field of any type
export type AnyField = Field<any, boolean>
export type Fields = Readonly<Record<string, AnyField>>

/** A parameter that must be written. */
export const required = <T extends AnyType>(type: T, doc: string): Field<T, false> => ({ type, doc, optional: false })
/** A parameter with a default. */
export const optional = <T extends AnyType>(type: T, fallback: WrittenOf<T>, doc: string): Field<T, true> => ({
  type,
  doc,
  optional: true,
  fallback,
})
/** A parameter that may be absent, which means something of its own. */
export const maybe = <T extends AnyType>(
  type: T,
  doc: string,
): Field<Type<WrittenOf<T>, DecodedOf<T>, MeaningOf<T> | undefined>, true> => ({
  type,
  doc,
  optional: true,
})

type Optionals<F extends Fields> = {
  [K in keyof F]: F[K] extends Field<infer _T, infer O> ? (O extends true ? K : never) : never
}[keyof F]
type TypeOf<X> = X extends Field<infer T, boolean> ? T : never
/** What a person writes for these fields. */
export type Written<F extends Fields> = {
  readonly [K in keyof F as K extends Optionals<F> ? never : K]: WrittenOf<TypeOf<F[K]>>
} & { readonly [K in keyof F as K extends Optionals<F> ? K : never]?: WrittenOf<TypeOf<F[K]>> | undefined }
/** The decoded parameters. */
export type Decoded<F extends Fields> = { readonly [K in keyof F]: DecodedOf<TypeOf<F[K]>> }
/** The parameters with every op inside them already turned into what it means. */
export type Meant<F extends Fields> = { readonly [K in keyof F]: MeaningOf<TypeOf<F[K]>> }

// --------------------------------------------------------------------------------------------------- constructors

/** A leaf: `read` gives the decoded value, or undefined for what isn't one. */
export const leaf = <A extends Json, M = A>(spec: {
  readonly name: string
  readonly expected: string
  readonly schema: Json
  readonly read: (written: unknown) => A | undefined
  readonly mean?: (decoded: A) => M
}): Type<A, A, M> => ({
  node: {
    tag: 'leaf',
    expected: spec.expected,
    schema: spec.schema,
    mean: (spec.mean ?? ((a: A) => a)) as (decoded: unknown) => unknown,
    codec: new t.Type<unknown, unknown, unknown>(
      spec.name,
      (u): u is unknown => spec.read(u) !== undefined,
      (u, context) => {
        const a = spec.read(u)
        return a === undefined ? t.failure(u, context) : t.success(a)
      },
      (a) => a,
    ),
  },
})

const numeric = (name: string, expected: string, schema: { readonly [key: string]: Json }, ok: (n: number) => boolean) =>
  leaf<number>({
    name,
    expected,
    schema,
    read: (u) => (typeof u === 'number' && Number.isFinite(u) && ok(u) ? u : undefined),
  })

export const number = numeric('number', 'a number', { type: 'number' }, () => true)
export const positive = numeric('positive', 'a number greater than 0', { type: 'number', exclusiveMinimum: 0 }, (n) => n > 0)
export const nonNegative = numeric('nonNegative', 'a number, 0 or greater', { type: 'number', minimum: 0 }, (n) => n >= 0)
export const probability = numeric(
  'probability',
  'a probability in [0, 1]',
  { type: 'number', minimum: 0, maximum: 1 },
  (n) => n >= 0 && n <= 1,
)
export const integer = (min: number, max = Number.MAX_SAFE_INTEGER) =>
  numeric(
    'integer',
    min === 1 && max === Number.MAX_SAFE_INTEGER
      ? 'a positive integer'
      : max === Number.MAX_SAFE_INTEGER
        ? `an integer, ${min} or greater`
        : `an integer from ${min} to ${max}`,
    { type: 'integer', minimum: min, ...(max === Number.MAX_SAFE_INTEGER ? {} : { maximum: max }) },
    (n) => Number.isSafeInteger(n) && n >= min && n <= max,
  )
export const numberIn = (min: number, max: number) =>
  numeric(
    `number in [${min}, ${max}]`,
    `a number from ${min} to ${max}`,
    { type: 'number', minimum: min, maximum: max },
    (n) => n >= min && n <= max,
  )
export const flag = leaf<boolean>({
  name: 'flag',
  expected: 'true or false',
  schema: { type: 'boolean' },
  read: (u) => (typeof u === 'boolean' ? u : undefined),
})
export const text = leaf<string>({
  name: 'text',
  expected: 'text',
  schema: { type: 'string', minLength: 1 },
  read: (u) => (typeof u === 'string' && u.length > 0 ? u : undefined),
})

/** One of a few words. */
export const choice = <const C extends string | number>(...words: readonly C[]): Type<C, C, C> =>
  leaf<C>({
    name: words.join(' | '),
    expected: words.map((w) => (typeof w === 'string' ? `'${w}'` : String(w))).join(' or '),
    schema: { enum: words },
    read: (u) => words.find((w) => w === u),
  })

/** [low, high] with low ≤ high, both within the bounds; a single number stands for [n, n]. */
export const rangeWithin = (
  min: number,
  max: number,
): Type<number | readonly [number, number], readonly [number, number], readonly [number, number]> => {
  const limits = Number.isFinite(max) ? ` within [${min}, ${max}]` : Number.isFinite(min) ? ` of numbers ≥ ${min}` : ''
  const bound = {
    type: 'number',
    ...(Number.isFinite(min) ? { minimum: min } : {}),
    ...(Number.isFinite(max) ? { maximum: max } : {}),
  } as const
  const ok = (n: unknown): n is number => typeof n === 'number' && Number.isFinite(n) && n >= min && n <= max
  return leaf<readonly [number, number]>({
    name: 'range',
    expected: `a range [low, high]${limits}, low ≤ high, or one number`,
    schema: { anyOf: [bound, { type: 'array', items: bound, minItems: 2, maxItems: 2 }] },
    read: (u) =>
      ok(u) ? [u, u] : Array.isArray(u) && u.length === 2 && ok(u[0]) && ok(u[1]) && u[0] <= u[1] ? [u[0], u[1]] : undefined,
  }) as Type<number | readonly [number, number], readonly [number, number], readonly [number, number]>
}

/** A list of at least `min` (default 1) and at most `max` items. With `single`, one item may be written without the list. */
export const list = <W, A, M>(
  item: Type<W, A, M>,
  { min = 1, max = Number.MAX_SAFE_INTEGER }: { readonly min?: number; readonly max?: number } = {},
): Type<readonly W[], readonly A[], readonly M[]> => ({ node: { tag: 'list', item, min, max, single: false } })
export const oneOrMore = <W, A, M>(item: Type<W, A, M>): Type<W | readonly W[], readonly A[], readonly M[]> => ({
  node: { tag: 'list', item, min: 1, max: Number.MAX_SAFE_INTEGER, single: true },
})

/** Any number of items, none among them. One item may be written without the list. */
export const anyNumber = <W, A, M>(item: Type<W, A, M>): Type<W | readonly W[], readonly A[], readonly M[]> => ({
  node: { tag: 'list', item, min: 0, max: Number.MAX_SAFE_INTEGER, single: true },
})

/** A mapping with these keys and no others. */
export const struct = <F extends Fields>(
  fields: F,
  // Written out, so that declarations hold its keys, to which the build gives comments (bin/docs.js).
): Type<{ readonly [K in keyof Written<F>]: Written<F>[K] }, Decoded<F>, Meant<F>> => ({
  node: { tag: 'struct', fields },
})

/** Any op of a kind. */
export const op = <K extends string, M, S, X>(of: Kind<K, M, S, X>): Type<Op<K> | S, Op<K>, M> => ({
  node: { tag: 'op', kind: of },
})

/** A number, or an op of a kind whose meaning gives one. */
export const numberOr = <K extends string, M, S, X>(of: Kind<K, M, S, X>): Type<number | Op<K>, number | Op<K>, number | M> => ({
  node: { tag: 'numberOr', kind: of },
})

/** A list of ops of one kind, then one op of another: the last step gives what those before it can't. */
export const stepsThen = <K extends string, M, S, L extends string, N, T>(
  before: Kind<K, M, S>,
  last: Kind<L, N, T>,
): Type<readonly [...(Op<K> | S)[], Op<L> | T] | Op<L>, readonly [...Op<K>[], Op<L>], readonly [...M[], N]> => ({
  node: { tag: 'steps', before, last },
})
