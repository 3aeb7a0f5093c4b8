/** The losses of a pipeline, each under a name of its own, as one: the targets, then the sum of the values. */
import type * as tf from '@tensorflow/tfjs-core'
import { type WeightSpecs, type Weights, within } from '../nn/layer'
import { sumOf } from '../nn/sum'
import type { Schedule } from '../ops/schedule/kind'
import type { At, Loss, StudentOutputs, TeacherOutputs, TokenShape } from '../ops/slots'
import { atBelow, below, merged, type Tensors } from './names'
import type { BuiltStage } from './stages'

/** Names are numbered from the second loss of a kind on: `clsDistillation`, `clsDistillation.2`. */
interface Named {
  readonly loss: Loss
  /** Of its schedules. */
  readonly name: string
  readonly metric: string
  /** Where its state stands in that of the program. */
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
  /** The names of their metrics, under which the values of `learn` and `monitor` stand. */
  readonly metrics: readonly string[]
  /** The sum of all losses, and each by its metric's name. */
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
  placed.map(({ name, meaning }, i) => {
    const before = placed.slice(0, i).filter((other) => other.name === name).length
    const numbered = (text: string): string => (before === 0 ? text : `${text}.${before + 1}`)
    return { loss: meaning, name: numbered(name), metric: numbered(meaning.metric), state: numbered('ibot_loss') }
  })

export const lossesOf = (placed: readonly BuiltStage<Loss>[]): Losses => {
  const all = named(placed)
  return {
    schedules: merged(all.map(({ name, loss }) => below(name, loss.schedules))),
    weights: (of) => merged(all.map(({ loss, name }) => below(name, loss.weights?.(of) ?? {}))),
    state: (prototypes) =>
      merged(all.map(({ state, loss }) => (loss.teach === undefined ? {} : below(state, loss.state(prototypes))))),
    teach: (outputs, current, at) => {
      const taught = all.flatMap(({ loss, name, metric, state }) =>
        loss.teach === undefined
          ? []
          : [{ name, metric, state, set: loss.teach(outputs, (inner) => current[`${state}.${inner}`]!, atBelow(name, at)) }],
      )
      return {
        targets: Object.fromEntries(taught.map(({ name, set }) => [name, set.target])),
        state: merged(taught.map(({ state, set }) => below(state, set.state))),
        monitors: merged(taught.map(({ metric, set }) => below(metric, set.monitors ?? {}))),
      }
    },
    metrics: all.map(({ metric }) => metric),
    learn: (targets, outputs, at, weights) => {
      const terms = all.map(({ loss, name }) => {
        const given = [outputs, atBelow(name, at), within(name, weights)] as const
        return loss.teach === undefined ? loss.learn(...given) : loss.learn(targets[name]!, ...given)
      })
      return { sum: sumOf(terms), terms: Object.fromEntries(all.map(({ metric }, i) => [metric, terms[i]!])) }
    },
    monitor: (targets, outputs) =>
      merged(
        all.map(({ loss, name, metric }) =>
          below(metric, (loss.teach === undefined ? loss.monitor?.(outputs) : loss.monitor?.(targets[name]!, outputs)) ?? {}),
        ),
      ),
  }
}
