/**
 * Layers: a layer declares its weights and says what it computes from them. Both are values, so that layers compose,
 * and a network can be counted and described without a tensor being made.
 */
import type * as tf from '@tensorflow/tfjs-core'
import { type Across, WHOLE } from './across'

/** How a weight starts. */
export type Init =
  | { readonly kind: 'zeros' }
  | { readonly kind: 'ones' }
  | { readonly kind: 'constant'; readonly value: number }
  /** Normal with this standard deviation, cut at ±2 (absolute, as timm's trunc_normal_ does). */
  | { readonly kind: 'truncatedNormal'; readonly std: number }
  /** U(-bound, +bound). */
  | { readonly kind: 'uniform'; readonly bound: number }

export interface WeightSpec {
  readonly shape: readonly number[]
  readonly init: Init
  /** False for what the optimizer leaves alone. */
  readonly trainable: boolean
}
/** Weights by their names in the official checkpoint, in the order of its state dict. */
export type WeightSpecs = Readonly<Record<string, WeightSpec>>

/** How a custom gradient keeps tensors for its backward pass. */
export type Save = (tensors: tf.Tensor[]) => void

/** Reads a weight by its name within the layer; a buffer as it was last updated. */
export type Weights = (name: string) => tf.Tensor

/** What a layer may need besides its weights and its input. */
export interface Context {
  /** Uniform draws in [0, 1) for the layer's stochastic part of this name, of the shape that it declares. */
  readonly draws: (name: string) => tf.Tensor
  /** Receives the new value of a buffer (a running statistic). */
  readonly update: (name: string, value: tf.Tensor) => void
  /** Whether the network is in training mode: draws are made, statistics are those of the batch. */
  readonly training: boolean
  /** Where statistics of a batch meet those of its other shares. */
  readonly across: Across
}

/** The shape of a layer's draws for a batch of token sequences. */
export type DrawShape = (batch: number, tokens: number) => readonly number[]
export type DrawSpecs = Readonly<Record<string, DrawShape>>

export interface Layer {
  readonly weights: WeightSpecs
  /** Buffers: saved with the weights, changed by the forward pass, neither optimised nor averaged. */
  readonly buffers: WeightSpecs
  /** The draws that it needs in training, by name. */
  readonly draws: DrawSpecs
  readonly apply: (weights: Weights, x: tf.Tensor, context: Context) => tf.Tensor
}

export const weight = (shape: readonly number[], init: Init, trainable = true): WeightSpec => ({ shape, init, trainable })

/** Outside training: nothing is drawn and no statistic changes. */
export const evaluation: Context = {
  training: false,
  across: WHOLE,
  update: () => undefined,
  draws: (name) => {
    throw new Error(`no draws outside training (${name})`)
  },
}

/** The values with their names below a prefix. */
export const below = <A>(prefix: string, specs: Readonly<Record<string, A>>): Readonly<Record<string, A>> =>
  Object.fromEntries(Object.entries(specs).map(([name, spec]) => [`${prefix}.${name}`, spec]))

/** The weights below a prefix. */
export const within =
  (prefix: string, weights: Weights): Weights =>
  (name) =>
    weights(`${prefix}.${name}`)

/** The context of a part: its draws and buffers are named below a prefix. */
export const contextWithin = (prefix: string, context: Context): Context => ({
  training: context.training,
  across: context.across,
  draws: (name) => context.draws(`${prefix}.${name}`),
  update: (name, value) => context.update(`${prefix}.${name}`, value),
})

// -------------------------------------------------------------------------------------------------- combinators

/** A layer whose weights, buffers and draws are named below a prefix. */
export const scope = (prefix: string, layer: Layer): Layer => ({
  weights: below(prefix, layer.weights),
  buffers: below(prefix, layer.buffers),
  draws: below(prefix, layer.draws),
  apply: (weights, x, context) => layer.apply(within(prefix, weights), x, contextWithin(prefix, context)),
})

/** A layer without weights. */
export const pure = (apply: (x: tf.Tensor) => tf.Tensor): Layer => ({
  weights: {},
  buffers: {},
  draws: {},
  apply: (_weights, x) => apply(x),
})

/** Layers one after the other. Names must differ; a layer that is listed twice shares its weights. */
export const sequence = (...layers: readonly Layer[]): Layer => ({
  weights: Object.assign({}, ...layers.map((layer) => layer.weights)),
  buffers: Object.assign({}, ...layers.map((layer) => layer.buffers)),
  draws: Object.assign({}, ...layers.map((layer) => layer.draws)),
  apply: (weights, x, context) => layers.reduce((y, layer) => layer.apply(weights, y, context), x),
})
