/** The losses of a pipeline, each under a name of its own, as one: the targets, then the sum of the values. */
import type * as tf from '@tensorflow/tfjs-core'
import { opName } from '../dsl/type'
import { type WeightSpecs, type Weights, within } from '../nn/layer'
import { sumOf } from '../nn/sum'
import type { Schedule } from '../ops/schedule/kind'
import type { At, Loss, StudentOutputs, TeacherOutputs, TokenShape } from '../ops/slots'
import type { BuiltStage } from './stages'
import { atBelow, below, merged, type Tensors } from './stateNames'

interface Named {
  readonly loss: Loss
  readonly name: string
  /** Where its state stands in that of the program: `ibot_loss`, for the second loss of an op `ibot_loss.2`. */
  readonly state: string
}

export interface Losses {
  readonly schedules: Readonly<Record<string, Schedule>>
  /** Their own weights, each loss's below its name. */
  readonly weights: (of: TokenShape) => WeightSpecs
  readonly state: (prototypes: { readonly cls: number; readonly patch: number }) => WeightSpecs
  /** The targets that the teacher sets, by the losses' names, and the losses' state after the step. */
  readonly teach: (
    outputs: TeacherOutputs,
    state: Tensors,
    at: At,
  ) => { readonly targets: Tensors; readonly state: Tensors; readonly monitors: Tensors }
  /** The names of their values in `learn`: `clsDistillation.loss`. */
  readonly terms: readonly string[]
  /** The names of their monitors: `clsDistillation.teacherEntropy`. */
  readonly monitors: readonly string[]
  /** The sum of all losses, and each below its name. */
  readonly learn: (
    targets: Tensors,
    outputs: StudentOutputs,
    at: At,
    weights: Weights,
  ) => { readonly sum: tf.Scalar; readonly terms: Tensors }
  /** What is worth watching of targets and student. */
  readonly monitor: (targets: Tensors, outputs: StudentOutputs) => Tensors
}

const named = (placed: readonly BuiltStage<Loss>[]): readonly Named[] =>
  placed.map(({ name, op, meaning }) => ({ loss: meaning, name, state: `ibot_loss${name.slice(opName(op).length)}` }))

const termOf = (name: string): string => `${name}.loss`

export const lossesOf = (placed: readonly BuiltStage<Loss>[]): Losses => {
  const all = named(placed)
  return {
    schedules: merged(all.map(({ name, loss }) => below(name, loss.schedules))),
    weights: (of) => merged(all.map(({ loss, name }) => below(name, loss.weights?.(of) ?? {}))),
    state: (prototypes) =>
      merged(all.map(({ state, loss }) => (loss.teach === undefined ? {} : below(state, loss.state(prototypes))))),
    teach: (outputs, current, at) => {
      const taught = all.flatMap(({ loss, name, state }) =>
        loss.teach === undefined
          ? []
          : [{ name, state, set: loss.teach(outputs, (inner) => current[`${state}.${inner}`]!, atBelow(name, at)) }],
      )
      return {
        targets: Object.fromEntries(taught.map(({ name, set }) => [name, set.target])),
        state: merged(taught.map(({ state, set }) => below(state, set.state))),
        monitors: merged(taught.map(({ name, set }) => below(name, set.monitors ?? {}))),
      }
    },
    terms: all.map(({ name }) => termOf(name)),
    monitors: all.flatMap(({ name, loss }) => (loss.monitors ?? []).map((monitor) => `${name}.${monitor}`)),
    learn: (targets, outputs, at, weights) => {
      const terms = all.map(({ loss, name }) => {
        const given = [outputs, atBelow(name, at), within(name, weights)] as const
        return loss.teach === undefined ? loss.learn(...given) : loss.learn(targets[name]!, ...given)
      })
      return { sum: sumOf(terms), terms: Object.fromEntries(all.map(({ name }, i) => [termOf(name), terms[i]!])) }
    },
    monitor: (targets, outputs) =>
      merged(
        all.map(({ loss, name }) =>
          below(name, (loss.teach === undefined ? loss.monitor?.(outputs) : loss.monitor?.(targets[name]!, outputs)) ?? {}),
        ),
      ),
  }
}
