/** Names in the state: parts of a network and of the program stand below prefixes, joined by dots. */
import type * as tf from '@tensorflow/tfjs-core'
import type { At } from '../ops/slots'

export { below } from '../nn/layer'

export type Tensors = Readonly<Record<string, tf.Tensor>>

export const BACKBONE = 'backbone'
export const HEAD = 'head'

/** The values whose names stand below a prefix, without it: the inverse of `below`. */
export const under = <A>(prefix: string, values: Readonly<Record<string, A>>): Readonly<Record<string, A>> =>
  Object.fromEntries(
    Object.entries(values).flatMap(([name, value]) =>
      name.startsWith(`${prefix}.`) ? [[name.slice(prefix.length + 1), value]] : [],
    ),
  )

/** The values, each changed. */
export const mapped = <A, B>(
  values: Readonly<Record<string, A>>,
  change: (value: A, name: string) => B,
): Readonly<Record<string, B>> => Object.fromEntries(Object.entries(values).map(([name, value]) => [name, change(value, name)]))

/** All records as one. */
export const merged = <A>(records: readonly Readonly<Record<string, A>>[]): Readonly<Record<string, A>> =>
  Object.assign({}, ...records)

/** The numbers of a step that stand below a prefix. */
export const atBelow =
  (prefix: string, at: At): At =>
  (name) =>
    at(`${prefix}.${name}`)
