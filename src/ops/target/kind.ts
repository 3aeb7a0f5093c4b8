/** Targets: how the teacher's logits become the distribution that the student matches. */
import type * as tf from '@tensorflow/tfjs-core'
import { kind, stepsThen } from '../../dsl/type'
import type { WeightSpecs, Weights } from '../../nn/layer'
import type { At, Divisible, Monitors, Schedules } from '../slots'
import type { Logits } from './logits'

/** What a transform, or all of a target, gives besides the logits or the distribution. */
export interface AfterStep {
  /** The state after the step. */
  readonly state: Readonly<Record<string, tf.Tensor>>
  /** What is worth watching, by name. */
  readonly monitors?: Monitors
}

/** Logits → logits, with a state of its own that moves at every step. */
export interface LogitTransform extends Divisible {
  /** State by name, for logits of this rank and this many prototypes. */
  readonly state: (rank: number, prototypes: number) => WeightSpecs
  readonly apply: (logits: Logits, state: Weights) => AfterStep & { readonly logits: Logits }
  /** The names of the monitors that `apply` gives; none by default. */
  readonly monitors?: readonly string[]
}
/** Logits → probabilities [R, K] of the rows that are needed. */
export interface Distribution extends Divisible {
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
  readonly apply: (logits: Logits, state: Weights, at: At) => Required<AfterStep> & { readonly target: tf.Tensor2D }
  /** The names of the monitors that `apply` gives. */
  readonly monitors: readonly string[]
  readonly divisible: boolean
}

/** Numbers what a second and later transform names, so that names differ. */
const named = (i: number, name: string): string => (i === 0 ? name : `${name}.${i}`)
const allNamed = <A>(i: number, values: Readonly<Record<string, A>>): Readonly<Record<string, A>> =>
  Object.fromEntries(Object.entries(values).map(([name, value]) => [named(i, name), value]))

/** A list of transforms and the distribution at its end, as one. */
export const targetOf = (steps: readonly [...LogitTransform[], Distribution]): Target => {
  const transforms = steps.slice(0, -1) as readonly LogitTransform[]
  const last = steps[steps.length - 1] as Distribution
  return {
    schedules: last.schedules,
    divisible: [...transforms, last].every(({ divisible }) => divisible === true),
    monitors: transforms.flatMap(({ monitors = [] }, i) => monitors.map((name) => named(i, name))),
    state: (rank, prototypes) => Object.assign({}, ...transforms.map((one, i) => allNamed(i, one.state(rank, prototypes)))),
    apply: (logits, state, at) => {
      let moved: Required<AfterStep> = { state: {}, monitors: {} }
      const transformed = transforms.reduce((x, one, i) => {
        const next = one.apply(x, (name) => state(named(i, name)))
        moved = {
          state: { ...moved.state, ...allNamed(i, next.state) },
          monitors: { ...moved.monitors, ...allNamed(i, next.monitors ?? {}) },
        }
        return next.logits
      }, logits)
      return { target: last.apply(transformed, at), ...moved }
    },
  }
}
