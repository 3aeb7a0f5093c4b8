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
  /** One target a loss, and the losses' state after the step. */
  readonly teach: (
    outputs: TeacherOutputs,
    state: Tensors,
    at: At,
  ) => { readonly targets: readonly tf.Tensor[]; readonly state: Tensors; readonly monitors: Tensors }
  /** The names of their metrics, under which the values of `learn` and `monitor` stand. */
  readonly metrics: readonly string[]
  /** The sum of all losses, and each by its metric's name. */
  readonly learn: (
    targets: readonly tf.Tensor[],
    outputs: StudentOutputs,
    at: At,
    weights: Weights,
  ) => { readonly sum: tf.Scalar; readonly terms: Tensors }
  /** What is worth watching of targets and student. */
  readonly monitor: (targets: readonly tf.Tensor[], outputs: StudentOutputs) => Tensors
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
    state: (prototypes) => merged(all.map(({ state, loss }) => below(state, loss.state(prototypes)))),
    teach: (outputs, current, at) => {
      const taught = all.map(({ loss, name, state }) =>
        loss.teach(outputs, (inner) => current[`${state}.${inner}`]!, atBelow(name, at)),
      )
      return {
        targets: taught.map(({ target }) => target),
        state: merged(taught.map((set, i) => below(all[i]!.state, set.state))),
        monitors: merged(taught.map((set, i) => below(all[i]!.metric, set.monitors ?? {}))),
      }
    },
    metrics: all.map(({ metric }) => metric),
    learn: (targets, outputs, at, weights) => {
      const terms = all.map(({ loss, name }, i) => loss.learn(targets[i]!, outputs, atBelow(name, at), within(name, weights)))
      return { sum: sumOf(terms), terms: Object.fromEntries(all.map(({ metric }, i) => [metric, terms[i]!])) }
    },
    monitor: (targets, outputs) =>
      merged(all.map(({ loss, metric }, i) => below(metric, loss.monitor?.(targets[i]!, outputs) ?? {}))),
  }
}
