/** Targets: how the teacher's logits become the distribution that the student matches. */
import type * as tf from '@tensorflow/tfjs-core'
import { kind, stepsThen } from '../../dsl/type'
import type { WeightSpecs, Weights } from '../../nn/layer'
import type { At, Schedules } from '../slots'
import type { Logits } from './logits'

/** Logits → logits, with a state of its own that moves at every step. */
export interface LogitTransform {
  /** State by name, for logits of this rank and this many prototypes. */
  readonly state: (rank: number, prototypes: number) => WeightSpecs
  readonly apply: (
    logits: Logits,
    state: Weights,
  ) => { readonly logits: Logits; readonly state: Readonly<Record<string, tf.Tensor>> }
}
/** Logits → probabilities [R, K] of the rows that are needed. */
export interface Distribution {
  readonly schedules: Schedules
  readonly apply: (logits: Logits, at: At) => tf.Tensor2D
}

export const logitTransform = kind<LogitTransform>()({ name: 'logitTransform', article: 'a transform of logits' })
export const distribution = kind<Distribution>()({ name: 'distribution', article: 'a distribution' })

/** The type of a target: transforms of the logits, then what makes a distribution of them. */
export const target = stepsThen(logitTransform, distribution)

export interface Target {
  readonly schedules: Schedules
  readonly state: (rank: number, prototypes: number) => WeightSpecs
  /** The teacher's logits → its distribution [R, K] of the rows that are needed, and the state after the step. */
  readonly apply: (
    logits: Logits,
    state: Weights,
    at: At,
  ) => { readonly target: tf.Tensor2D; readonly state: Readonly<Record<string, tf.Tensor>> }
}

/** Numbers a second and later transform's state, so that names differ. */
const named = (i: number, name: string): string => (i === 0 ? name : `${name}.${i}`)

/** A list of transforms and the distribution at its end, as one. */
export const targetOf = (steps: readonly [...LogitTransform[], Distribution]): Target => {
  const transforms = steps.slice(0, -1) as readonly LogitTransform[]
  const last = steps[steps.length - 1] as Distribution
  return {
    schedules: last.schedules,
    state: (rank, prototypes) =>
      Object.fromEntries(
        transforms.flatMap((one, i) => Object.entries(one.state(rank, prototypes)).map(([name, spec]) => [named(i, name), spec])),
      ),
    apply: (logits, state, at) => {
      let moved: Readonly<Record<string, tf.Tensor>> = {}
      const transformed = transforms.reduce((x, one, i) => {
        const next = one.apply(x, (name) => state(named(i, name)))
        moved = { ...moved, ...Object.fromEntries(Object.entries(next.state).map(([name, value]) => [named(i, name), value])) }
        return next.logits
      }, logits)
      return { target: last.apply(transformed, at), state: moved }
    },
  }
}
