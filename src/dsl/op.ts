/** The definition of an op: from it come its constructor and types, its codec, its schema and its documentation. */
import * as E from 'fp-ts/Either'
import { decodeBody } from './decode'
import { defined } from './definition'
import type { Objection, OpSpec } from './spec'
import type { Decoded, Fields, Json, Kind, Meant, Op, Written, WrittenOf } from './type'

/** What is written when an op is defined. */
export interface OpDefinition<F extends Fields, Main extends keyof F, M> {
  readonly name: string
  readonly doc: string
  readonly equation?: string
  readonly source?: string
  /**
   * Of an op that isn't ibot's: the module that exports it, `import.meta.url` or `__filename`. Threads that make batches load it
   * from there, so it should do nothing but export ops; without it the main thread makes the batches.
   */
  readonly module?: string
  readonly fields: F
  readonly main?: Main
  /** Its parameters in an example, as they would be written in YAML. */
  readonly example?: Json
  /** Parameters of which one at most is given, in groups: `[['epochs', 'steps']]`. */
  readonly exclusive?: readonly (readonly (keyof F & string)[])[]
  readonly refine?: (params: Decoded<F>) => readonly Objection[]
  /** What the op means, from parameters in which every op is already turned into its meaning. */
  readonly build: (params: Meant<F>) => M
}

/** What a constructor takes: the parameters, or the main one alone; nothing where all may be left out. */
export type Arguments<F extends Fields, Main extends keyof F, X = unknown> =
  // biome-ignore lint/complexity/noBannedTypes: `{}` asks whether every parameter may be left out
  {} extends Written<F> ? [given?: (Written<F> & X) | MainOf<F, Main>] : [given: (Written<F> & X) | MainOf<F, Main>]
type MainOf<F extends Fields, Main extends keyof F> = F[Main] extends { readonly type: infer T } ? Alone<WrittenOf<T>, F> : never
/** An op that stands alone has none of the parameters' names: else a mapping of parameters would pass for an op. */
type Alone<W, F extends Fields> = W extends readonly unknown[]
  ? W
  : W extends object
    ? W & { readonly [K in keyof F]?: never }
    : W

/**
 * The op as data, its defaults filled in and its sugar removed. Ill-formed parameters are kept as they are: `check`
 * and `run` report them together with everything else, with their place.
 */
export const construct = <K extends string>(spec: OpSpec, given: unknown): Op<K> => {
  const decoded = decodeBody(spec, given ?? {})
  return (E.isRight(decoded) ? decoded.right : defined(spec, { [spec.name]: given })) as Op<K>
}

/** `define(kind)({ name, doc, fields, build })` makes an op of that kind: a constructor with its specification. */
export const define =
  <K extends string, M, S, X>(kind: Kind<K, M, S, X>) =>
  <F extends Fields, Main extends keyof F & string = never>(definition: OpDefinition<F, Main, M>) => {
    const spec: OpSpec = { ...definition, kind }
    const make = (...[given]: Arguments<F, Main, X>): Op<K> => construct(spec, given)
    return Object.assign(make, { spec })
  }
