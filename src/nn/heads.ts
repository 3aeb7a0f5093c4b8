/** The heads of an attention: features of a token taken apart, and put side by side again. */
import * as tf from '@tensorflow/tfjs-core'
import { fused } from './fused'

type Named<Names extends string> = Readonly<Record<Names, tf.Tensor>>

/** One matrix a head and picture; heads come first, which makes the parts of a projection stand one after the other. */
export interface Heads {
  /** [heads, B, N, width / heads], multiplied by the scale of the scores. */
  readonly query: tf.Tensor
  readonly key: tf.Tensor
  readonly value: tf.Tensor
}

/** [B, N, heads · depth] → [heads, B, N, depth]. One exchange of axes, and of rank 4: of rank 5, WebAssembly takes fifty times as long. */
const apart = (x: tf.Tensor, heads: number): tf.Tensor => {
  const [batch, tokens, width] = x.shape as [number, number, number]
  return tf.transpose(tf.reshape(x, [batch, tokens, heads, width / heads]), [2, 0, 1, 3])
}

/** [heads, B, N, depth] → [B, N, heads · depth] */
const together = (x: tf.Tensor): tf.Tensor => {
  const [heads, batch, tokens, depth] = x.shape as [number, number, number, number]
  return tf.reshape(tf.transpose(x, [1, 2, 0, 3]), [batch, tokens, heads * depth])
}

/** What queries, keys and values are multiplied by. Queries are fewer numbers than scores. */
const scales = (heads: number, scale: number): tf.Tensor =>
  tf.tensor4d(
    Array.from({ length: 3 * heads }, (_, i) => (i < heads ? scale : 1)),
    [3 * heads, 1, 1, 1],
  )

// What follows goes into products of matrices, and no gradient goes through it.

/** Projections [B, N, 3 · width], ordered q | k | v, then by head → all parts one after the other, [3 · heads, B, N, depth]. */
export const partsOf = (projected: tf.Tensor, heads: number, scale: number): tf.Tensor => {
  const split = ({ x }: Named<'x'>) => ({ y: tf.mul(apart(x, 3 * heads), scales(heads, scale)) })
  return fused(`heads ${heads} ${scale}`, split, { x: projected }, { factors: ['y'] }).y
}

/** The gradient by the projections, from that by all parts. */
const partsGradient = (dParts: tf.Tensor, heads: number, scale: number): tf.Tensor => {
  const join = ({ x }: Named<'x'>) => ({ y: together(tf.mul(x, scales(heads, scale))) })
  return fused(`headsGrad ${heads} ${scale}`, join, { x: dParts }, { factors: ['y'] }).y
}

/** The gradient by the projections, from those by the three parts. */
export const headsGradient = ({ query, key, value }: Heads, scale: number): tf.Tensor => {
  const join = ({ query, key, value }: Named<keyof Heads>) => ({ y: together(tf.concat([tf.mul(query, scale), key, value])) })
  return fused(`headsGrad ${scale}`, join, { query, key, value }, { factors: ['y'] }).y
}

/** What the heads give, [heads, B, N, depth] → [B, N, heads · depth]. */
export const merged = (x: tf.Tensor): tf.Tensor => fused('merge', ({ x }) => ({ y: together(x) }), { x }, { factors: ['y'] }).y

export const mergedGradient = (dy: tf.Tensor, heads: number): tf.Tensor =>
  fused(`mergeGrad ${heads}`, ({ dy }) => ({ dx: apart(dy, heads) }), { dy }, { factors: ['dx'] }).dx

/** All three parts of a list of parts. */
export const threeOf = (parts: tf.Tensor): Heads => {
  const [query, key, value] = tf.split(parts, 3) as [tf.Tensor, tf.Tensor, tf.Tensor]
  return { query, key, value }
}

// With gradients.

/** Projections [B, N, 3 · width], ordered q | k | v, then by head → queries times `scale`, keys and values. */
export const splitHeads = (projected: tf.Tensor, heads: number, scale: number): Heads => {
  const split = tf.customGrad((x) => ({
    value: partsOf(x as tf.Tensor, heads, scale),
    gradFunc: (dy: tf.Tensor) => partsGradient(dy, heads, scale),
  }))
  return threeOf(split(projected))
}

const merge = tf.customGrad((x) => ({
  value: merged(x as tf.Tensor),
  gradFunc: (dy: tf.Tensor) => mergedGradient(dy, (x as tf.Tensor).shape[0]!),
}))

/** What the heads give, [heads, B, N, depth] → [B, N, heads · depth]. */
export const mergeHeads = (x: tf.Tensor): tf.Tensor => merge(x)
