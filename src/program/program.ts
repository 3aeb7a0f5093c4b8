/**
 * What a pipeline means: `init`, and `step` as a pure function from state, batch and numbers to the next state and
 * what is reported. It is written in tfjs ops and makes no decision on the host, so that one interpreter can run it op
 * by op and another compile it into a graph.
 *
 * The state is one flat record whose names are those of the official checkpoint, below `student.`, `teacher.`,
 * `optimizer.` and `ibot_loss.`.
 */
import * as tf from '@tensorflow/tfjs-core'
import { type Across, WHOLE } from '../nn/across'
import { fused } from '../nn/fused'
import type { WeightSpecs } from '../nn/layer'
import { meanAcross, meansAcross } from '../nn/meanAcross'
import type { Schedule, Span } from '../ops/schedule/kind'
import type { At, StudentOutputs, Training } from '../ops/slots'
import { attributed, newTracker, type Tracker } from './attribution'
import { type BatchShape, batchShape, type TensorBatch } from './batch'
import type { Design } from './design'
import { differentiate } from './differentiate'
import { ownDivision } from './divided'
import type { Division } from './division'
import { rateScales, undecayedOf } from './layerDecay'
import { type Losses, lossesOf } from './losses'
import { mixedBy } from './mixed'
import { gradientNorm, movementNames, movements } from './monitors'
import { drawsOf, frozenNetwork, type NamedNetwork, networksOf } from './networks'
import { type Dense, type Passes, passesOf } from './passes'
import { stateOf } from './state'
import { atBelow, below, mapped, merged, type Tensors, under } from './stateNames'

export interface Program {
  /** How a step's batch is divided, and what a share of it looks like. */
  readonly division: Division
  readonly batch: BatchShape
  /** How it asks to be computed. */
  readonly precision: Training['precision']
  readonly device: Training['device']
  readonly devices: Training['devices']
  /** See `Passes`. */
  readonly rows: Passes['rows']
  /** Every tensor of the state, in its order. */
  readonly state: WeightSpecs
  /** Names, below `student.`, of what the optimizer moves, and of those which decay. */
  readonly trainable: readonly string[]
  readonly decays: (name: string) => boolean
  /** The state's first values. */
  readonly init: (seed: number) => Readonly<Record<string, Float32Array>>
  /** The numbers that a step takes: the schedules' values and what the optimizer computes from the step. */
  readonly numbers: (step: number) => Readonly<Record<string, number>>
  /** The schedules among them, by name: `adamw.lr`, `emaTeacher.momentum`, … */
  readonly schedules: readonly string[]
  /** The names of the losses' own values: `clsDistillation.loss`, … */
  readonly terms: readonly string[]
  /** The names of all monitors that a step reports: `gradientNorm`, `clsDistillation.teacherEntropy`, … */
  readonly monitors: readonly string[]
  /** The teacher's logits, and what it changes (running statistics); see `Passes`. */
  readonly teach: ((state: Tensors, batch: TensorBatch) => ReturnType<NonNullable<Passes['teach']>>) | undefined
  /** The student's logits. */
  readonly study: (state: Tensors, batch: TensorBatch) => StudentOutputs
  /**
   * The next state and what is reported: `loss`, each loss's own value, the monitors and, if asked for, each gradient's
   * norm; the [CLS] features of the global views [V·B, width], the teacher's or, where no loss asks one, the student's; and
   * whether the loss and all gradients are finite, without which an interpreter leaves the state as it is. Given a share of a
   * batch, everything but the features is that of the whole batch, as far as what the other shares have to do with it comes
   * from `across`.
   */
  readonly step: (
    state: Tensors,
    batch: TensorBatch,
    at: At,
    across?: Across,
  ) => { readonly state: Tensors; readonly metrics: Tensors; readonly features: tf.Tensor2D; readonly finite: tf.Scalar }
  /** The network that is measured and exported: the teacher where there is one, else the student. */
  readonly frozen: NamedNetwork
  /** The stage whose code runs, asked while a step computes; undefined between stages. */
  readonly stageNow: Tracker['now']
}

export interface ProgramOptions {
  /** Reports the norm of every gradient, before clipping, as `norm.NAME`. */
  readonly gradientNorms?: boolean
  /** By default the one that the pipeline asks for. */
  readonly division?: Division
  /** Whether monitors are among what is reported; true by default. */
  readonly monitors?: boolean
  /**
   * What is computed of all tokens, though the result needs only some. By default nothing is; these forms are what the
   * savings are proven equal to and measured against.
   */
  readonly dense?: Dense
}

export const programOf = (checked: Design, span: Span, channels: 1 | 3, options: ProgramOptions = {}): Program => {
  const tracker = newTracker()
  const design = attributed(checked, tracker)
  const { optimizer, teacher: follower } = design
  const { dense = {}, monitors = true, division = ownDivision(span.batch, checked.training.meaning) } = options
  const losses = lossesOf(design.losses)
  const networks = networksOf(design, channels)
  const frozen = frozenNetwork(design)
  const layout = stateOf(networks, optimizer.meaning, losses, undecayedOf(design))
  const batch = batchShape(design, division.pictures, channels, drawsOf(networks.student))
  const mixed = mixedBy(design, batch)
  const scaleOf = rateScales(design)

  const schedules: Readonly<Record<string, Schedule>> = {
    ...(follower && below(follower.name, follower.meaning.schedules)),
    ...below(optimizer.name, optimizer.meaning.schedules),
    ...losses.schedules,
  }
  const values = Object.entries(schedules).map(([name, schedule]) => [name, schedule.at(span)] as const)
  const lastLayerWaits = optimizer.meaning.freezeLastLayer(span)
  const numbers = (step: number): Readonly<Record<string, number>> => ({
    ...Object.fromEntries(values.map(([name, value]) => [name, value(step)])),
    ...below(optimizer.name, optimizer.meaning.host(step, lastLayerWaits)),
    ...mixed.numbers(step),
  })

  const { rows, teach, study } = passesOf(design, networks, batch, dense)

  const scalars = Object.keys(numbers(0)).filter((name) =>
    [optimizer, follower].some((stage) => stage !== undefined && name.startsWith(`${stage.name}.`)),
  )

  /** What a teacher's weight becomes after the student's has moved. */
  const follows =
    follower &&
    ((teacher: tf.Tensor, student: tf.Tensor, at: At): tf.Tensor =>
      follower.meaning.update(teacher, student, atBelow(follower.name, at)))

  const rate = `${optimizer.name}.lr`
  /** The learning rate of a weight, less the further below the head it is. */
  const scaled = (name: string, at: At): tf.Tensor => {
    const scale = scaleOf(name)
    return scale === 1 ? at(rate) : tf.mul(at(rate), scale)
  }

  /** One weight's step: the optimizer's, then the teacher's, who follows; elementwise, so that it can be one kernel. */
  const moveOne = (name: string, state: Tensors, gradient: tf.Tensor, at: At): Tensors => {
    const own = `optimizer.${name}`
    const traits = { decays: layout.decays(name), last: layout.isLast(name) }
    const weight = state[`student.${name}`]!
    const teacher = state[`teacher.${name}`]
    // As vectors: a kernel is made for each shape, and a weight's shape means nothing to it.
    const flat = (tensors: Tensors): Tensors => mapped(tensors, (tensor) => tf.reshape(tensor, [-1]))
    const moved = fused(
      `update${traits.decays ? 'Decayed' : ''}${traits.last ? 'Last' : ''}`,
      (given: Tensors): Tensors => {
        const schedule: At = (key) => given[`at.${key}`] as tf.Scalar
        const { weight, state } = optimizer.meaning.update(
          given.weight!,
          given.gradient!,
          (key) => given[`state.${key}`]!,
          atBelow(optimizer.name, schedule),
          traits,
        )
        const followed = given.teacher && follows && { teacher: follows(given.teacher, weight, schedule) }
        return { weight, ...followed, ...below('state', state) }
      },
      {
        ...flat({ weight, gradient, ...(teacher === undefined ? {} : { teacher }), ...below('state', under(own, state)) }),
        ...below('at', Object.fromEntries(scalars.map((key) => [key, key === rate ? scaled(name, at) : at(key)]))),
      },
    )
    const shaped = mapped(moved, (tensor, key) => tf.reshape(tensor, (state[key.replace(/^state/, own)] ?? weight).shape))
    return {
      [`student.${name}`]: shaped.weight!,
      ...(shaped.teacher === undefined ? {} : { [`teacher.${name}`]: shaped.teacher }),
      ...below(own, under('state', shaped)),
    }
  }

  /** What the optimizer makes of the gradients. A student's weight on which the loss doesn't depend stays as it is. */
  const move = (state: Tensors, gradients: Tensors, at: At): Tensors =>
    merged(Object.entries(gradients).map(([name, gradient]) => moveOne(name, state, gradient, at)))

  /** What the teacher has in common with a student's weight that doesn't move follows it too. */
  const follow = (state: Tensors, moved: Tensors, at: At): Tensors =>
    Object.fromEntries(
      Object.keys(networks.teacher?.weights ?? {}).flatMap((name) => {
        const leader = state[`student.${name}`]
        return follows === undefined || leader === undefined || `teacher.${name}` in moved
          ? []
          : [[`teacher.${name}`, follows(state[`teacher.${name}`]!, leader, at)]]
      }),
    )

  const matrices = (gradients: Tensors): readonly string[] => Object.keys(gradients).filter(layout.decays)

  const step: Program['step'] = (state, given, at, across = WHOLE) => {
    const inputs = mixed.batch(given, at)
    const taught = teach?.(state, inputs, across)
    const { targets, state: centred, monitors: ofTargets } = taught ? losses.teach(taught.outputs, state, at) : UNTAUGHT
    const weights = Object.fromEntries(layout.trainable.map((name) => [name, state[`student.${name}`]!]))
    const differentiated = differentiate((current) => {
      const { outputs: studied, updates, features } = study(state, current, inputs, across)
      const outputs = mixed.outputs(studied, at)
      const { sum, terms } = losses.learn(targets, outputs, at, (name) => current[name]!)
      const watched = monitors ? losses.monitor(targets, outputs) : {}
      const seen = taught === undefined ? { features: features() } : {}
      return {
        value: sum,
        kept: { ...below('term', terms), ...below('monitor', watched), ...below('buffer', updates), ...seen },
      }
    }, weights)
    const gradients = mapped(differentiated.gradients, (gradient) => meanAcross(across, gradient))
    const lost = meansAcross(across, { loss: differentiated.value, ...under('term', differentiated.kept) })
    const length = gradientNorm(gradients)
    const moved = move(state, gradients, at)
    const next = {
      ...state,
      ...moved,
      ...follow(state, moved, at),
      ...taught?.state,
      ...under('buffer', differentiated.kept),
      ...centred,
    }
    return {
      state: next,
      metrics: {
        ...lost,
        ...under('monitor', differentiated.kept),
        ...(monitors ? { ...ofTargets, gradientNorm: length, ...movements(matrices(gradients), state, next) } : {}),
        ...(options.gradientNorms === true ? below('norm', norms(gradients)) : {}),
      },
      features: taught?.features ?? (differentiated.kept.features as tf.Tensor2D),
      finite: tf.isFinite(tf.add(lost.loss!, length)) as tf.Scalar,
    }
  }

  return {
    division,
    batch,
    precision: design.training.meaning.precision,
    device: design.training.meaning.device,
    devices: design.training.meaning.devices,
    rows,
    state: layout.specs,
    trainable: layout.trainable,
    decays: layout.decays,
    init: layout.init,
    numbers,
    schedules: Object.keys(schedules),
    terms: losses.terms,
    monitors: monitors ? [...losses.monitors, 'gradientNorm', ...movementNames(networks.teacher !== undefined)] : [],
    teach: teach && ((state, inputs) => teach(state, inputs, WHOLE)),
    study: (state, inputs) => study(state, undefined, inputs, WHOLE).outputs,
    step,
    frozen: { which: frozen, network: networks[frozen]! },
    stageNow: tracker.now,
  }
}

/** What losses that ask no teacher have of one. */
const UNTAUGHT: ReturnType<Losses['teach']> = { targets: {}, state: {}, monitors: {} }

const norms = (gradients: Tensors): Tensors =>
  Object.fromEntries(Object.entries(gradients).map(([name, gradient]) => [name, tf.sqrt(tf.sum(tf.square(gradient)))]))
