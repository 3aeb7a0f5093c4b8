/**
 * What a pipeline means: `init`, and `step` as a pure function from state, batch and numbers to the next state and
 * what is reported. It is written in tfjs ops and makes no decision on the host, so that one interpreter can run it op
 * by op and another compile it into a graph.
 *
 * The state is one flat record whose names are those of the official checkpoint, below `student.`, `teacher.`,
 * `optimizer.` and `ibot_loss.`.
 */
import * as tf from '@tensorflow/tfjs-core'
import type { Head } from '../nn/head'
import { initialise } from '../nn/init'
import { type Context, evaluation, type WeightSpec, type WeightSpecs, type Weights } from '../nn/layer'
import { rowsOf } from '../nn/rows'
import type { Vit } from '../nn/vit'
import type { Schedule, Span } from '../ops/schedule/kind'
import type { At, Loss, StudentOutputs, TeacherOutputs } from '../ops/slots'
import type { Design, Placed } from './design'
import { gradients } from './gradients'

export type Tensors = Readonly<Record<string, tf.Tensor>>

/** The tensors that a step takes besides the state. */
export interface Batch {
  /** [V·B, H, W, C], view by view. */
  readonly global: tf.Tensor4D
  /** Local views of one size each, [views·B, h, w, C], view by view. */
  readonly local: readonly tf.Tensor4D[]
  /** [V·B, N], 1 where a patch is hidden from the student; undefined where the pipeline masks nothing. */
  readonly mask: tf.Tensor2D | undefined
  /** Uniform draws in [0, 1) by name. */
  readonly draws: Tensors
}

/** What a batch looks like: the shapes of its tensors. */
export interface BatchShape {
  /** Numbers of pictures and of global views. */
  readonly pictures: number
  readonly views: number
  readonly global: readonly [number, number, number, number]
  readonly local: readonly (readonly [number, number, number, number])[]
  readonly mask: readonly [number, number] | undefined
  /** Grid of patches of a global view. */
  readonly grid: { readonly height: number; readonly width: number }
  readonly draws: Readonly<Record<string, readonly number[]>>
}

export interface Program {
  readonly batch: BatchShape
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
  /** The teacher's logits, and what it changes (running statistics). */
  readonly teach: (state: Tensors, batch: Batch) => { readonly outputs: TeacherOutputs; readonly state: Tensors }
  /** The student's logits under these weights. */
  readonly study: (state: Tensors, batch: Batch, update?: Context['update']) => StudentOutputs
  /** The next state and what is reported: `loss`, each loss's own metric and, if asked for, each gradient's norm. */
  readonly step: (state: Tensors, batch: Batch, at: At) => { readonly state: Tensors; readonly metrics: Tensors }
  /** Images [B, H, W, C] → tokens [B, 1 + N, width] of the teacher's backbone, in evaluation mode. */
  readonly encode: (state: Tensors, images: tf.Tensor4D) => tf.Tensor3D
}

export interface ProgramOptions {
  /** Reports the norm of every gradient, before clipping, as `norm.NAME`. */
  readonly gradientNorms?: boolean
}

const BACKBONE = 'backbone'
const HEAD = 'head'

const below = <A>(prefix: string, values: Readonly<Record<string, A>>): Readonly<Record<string, A>> =>
  Object.fromEntries(Object.entries(values).map(([name, value]) => [`${prefix}.${name}`, value]))

/** Consecutive views of one size go through the student together, as in the official MultiCropWrapper. */
const sizeGroups = (sizes: readonly (readonly [number, number])[]) => {
  const groups: { readonly size: readonly [number, number]; count: number }[] = []
  for (const size of sizes) {
    const last = groups[groups.length - 1]
    if (last !== undefined && last.size.join() === size.join()) last.count++
    else groups.push({ size, count: 1 })
  }
  return groups
}

/** Reads and writes the state of one network during a pass: buffers are read as they were last updated. */
const memory = (prefix: string, state: Tensors, weights?: Readonly<Record<string, tf.Tensor>>) => {
  const updates: Record<string, tf.Tensor> = {}
  const read: Weights = (name) => {
    const full = `${prefix}.${name}`
    const value = updates[full] ?? weights?.[name] ?? state[full]
    if (value === undefined) throw new RangeError(`the state has no ${full}`)
    return value
  }
  return {
    updates,
    part:
      (name: string): Weights =>
      (inner) =>
        read(`${name}.${inner}`),
    update: (name: string, value: tf.Tensor) => {
      updates[`${prefix}.${HEAD}.${name}`] = value
    },
  }
}

/** The specification of a whole network: its backbone and its head. */
const networkSpecs = (backbone: WeightSpecs, head: Head): { readonly weights: WeightSpecs; readonly buffers: WeightSpecs } => ({
  weights: { ...below(BACKBONE, backbone), ...below(HEAD, head.weights) },
  buffers: below(HEAD, head.buffers),
})

/**
 * Whose first value a teacher's weight takes from the student. A teacher that shares the last layer reads the student's
 * state dict in its order, in which the patches' layer comes last and overwrites that of [CLS].
 */
const startOf = (name: string, teacher: Head, student: Head): string => {
  const { cls, patch } = teacher.lastLayers
  const renamed = (from: string, to: string) => name.replace(`${HEAD}.${from}.`, `${HEAD}.${to}.`)
  if (name.startsWith(`${HEAD}.${patch}.`)) return renamed(patch, student.lastLayers.patch)
  return name.startsWith(`${HEAD}.${cls}.`) ? renamed(cls, student.lastLayers.cls) : name
}

export const programOf = (design: Design, span: Span, channels: 1 | 3, options: ProgramOptions = {}): Program => {
  const { losses, masking, optimizer, teacher: ema } = design
  const { patch, width } = design.backbone.means
  const kinds = design.views.means.views.map((view) => view.kind)
  const views = kinds.filter((kind) => kind === 'global').length
  const size = design.sizes[0]!
  const input = { channels, size: size[0] }
  const student: Vit = design.backbone.means.student(input)
  const teacher: Vit = design.backbone.means.teacher(input)
  const studentHead = design.head.means.student(width)
  const teacherHead = design.head.means.teacher(width)
  const groups = sizeGroups(design.sizes.filter((_, i) => kinds[i] === 'local'))
  const usesPatches = losses.some((loss) => loss.needs.includes('logits.patch'))

  // ------------------------------------------------------------------------------------------------------ shapes
  const grid = { height: size[0] / patch, width: size[1] / patch }
  const tokensOf = ([height, breadth]: readonly [number, number]): number => 1 + (height / patch) * (breadth / patch)
  const drawShapes = (prefix: string, samples: number, tokens: number) =>
    Object.fromEntries(Object.entries(student.draws).map(([name, shape]) => [`${prefix}.${name}`, shape(samples, tokens)]))
  const batch: BatchShape = {
    pictures: span.batch,
    views,
    grid,
    global: [views * span.batch, size[0], size[1], channels],
    local: groups.map((group) => [group.count * span.batch, group.size[0], group.size[1], channels]),
    mask: masking === undefined ? undefined : [views * span.batch, grid.height * grid.width],
    draws: {
      ...drawShapes('global', views * span.batch, tokensOf(size)),
      ...Object.assign({}, ...groups.map((group, i) => drawShapes(`local.${i}`, group.count * span.batch, tokensOf(group.size)))),
    },
  }

  // ------------------------------------------------------------------------------------------------------- state
  const ofStudent = networkSpecs(masking === undefined ? student.weights : student.maskedWeights, studentHead)
  const ofTeacher = networkSpecs(teacher.weights, teacherHead)
  const trainable = Object.keys(ofStudent.weights).filter((name) => ofStudent.weights[name]!.trainable)
  const decays = (name: string): boolean => !name.endsWith('.bias') && ofStudent.weights[name]!.shape.length > 1
  const isLast = (name: string): boolean => name.includes('last_layer')
  const ofOptimizer: WeightSpecs = Object.assign(
    {},
    ...trainable.map((name) => below(name, optimizer.means.state(ofStudent.weights[name]!))),
  )
  const prototypes = {
    cls: prototypesOf(studentHead, studentHead.lastLayers.cls),
    patch: prototypesOf(studentHead, studentHead.lastLayers.patch),
  }
  const lossState = losses.map((loss) => ownState(losses, loss, prototypes))
  const state: WeightSpecs = {
    ...below('student', { ...ofStudent.weights, ...ofStudent.buffers }),
    ...below('teacher', { ...ofTeacher.weights, ...ofTeacher.buffers }),
    ...below('optimizer', ofOptimizer),
    ...Object.assign({}, ...lossState.map(({ prefix, specs }) => below(prefix, specs))),
  }
  const init = (seed: number): Readonly<Record<string, Float32Array>> => {
    const first = (name: string, spec: WeightSpec): Float32Array => {
      const start = name.startsWith('teacher.')
        ? startOf(name.slice('teacher.'.length), teacherHead, studentHead)
        : name.replace(/^student\./, '')
      return initialise(spec, seed, start)
    }
    return Object.fromEntries(Object.entries(state).map(([name, spec]) => [name, first(name, spec)]))
  }

  // ----------------------------------------------------------------------------------------------------- numbers
  const schedules: Readonly<Record<string, Schedule>> = {
    ...below(ema.name, ema.means.schedules),
    ...below(optimizer.name, optimizer.means.schedules),
    ...Object.assign({}, ...losses.map((loss) => below(numbered(losses, loss, loss.name), loss.means.schedules))),
  }
  const values = Object.entries(schedules).map(([name, schedule]) => [name, schedule.at(span)] as const)
  const frozen = optimizer.means.freezeLastLayer(span)
  const numbers = (step: number): Readonly<Record<string, number>> => ({
    ...Object.fromEntries(values.map(([name, value]) => [name, value(step)])),
    ...below(optimizer.name, optimizer.means.host(step, frozen)),
  })
  const atBelow =
    (prefix: string, at: At): At =>
    (name) =>
      at(`${prefix}.${name}`)

  // ------------------------------------------------------------------------------------------------------ passes
  const noPatches = (rows: number): tf.Tensor3D => tf.zeros([rows, 0, prototypes.patch])
  const pass = (
    net: Vit,
    head: Head,
    memo: ReturnType<typeof memory>,
    images: tf.Tensor4D,
    mask: tf.Tensor | undefined,
    context: Context,
    patches: boolean,
  ) => {
    const tokens = net.tokens(memo.part(BACKBONE), images, mask, context)
    return patches
      ? head.apply(memo.part(HEAD), tokens, context)
      : { cls: head.cls(memo.part(HEAD), tokens, context), patch: noPatches(tokens.shape[0]) }
  }

  const teach: Program['teach'] = (current, { global }) => {
    const memo = memory('teacher', current)
    const context: Context = { training: true, draws: evaluation.draws, update: memo.update }
    const logits = pass(teacher, teacherHead, memo, global, undefined, context, usesPatches)
    return { outputs: { ...logits, views }, state: memo.updates }
  }

  const studyWith = (current: Tensors, weights: Tensors | undefined, { global, local, mask, draws }: Batch) => {
    const memo = memory('student', current, weights)
    const contextOf = (prefix: string): Context => ({
      training: true,
      update: memo.update,
      draws: (name) => {
        const drawn = draws[`${prefix}.${name}`]
        if (drawn === undefined) throw new RangeError(`the batch has no draws ${prefix}.${name}`)
        return drawn
      },
    })
    const whole = pass(student, studentHead, memo, global, mask, contextOf('global'), usesPatches)
    const parts = local.map(
      (images, i) => pass(student, studentHead, memo, images, undefined, contextOf(`local.${i}`), false).cls,
    )
    const outputs: StudentOutputs = {
      cls: [whole.cls, ...parts].flatMap((logits) => rowsOf(logits, logits.shape[0] / span.batch)),
      patch: whole.patch,
      mask: mask ?? tf.zeros([global.shape[0], grid.height * grid.width]),
    }
    return { outputs, updates: memo.updates }
  }
  const study: Program['study'] = (current, inputs) => studyWith(current, undefined, inputs).outputs

  // -------------------------------------------------------------------------------------------------------- step
  const step: Program['step'] = (current, inputs, at) => {
    const taught = teach(current, inputs)
    const targets = losses.map(({ means, name }, i) => {
      const { prefix } = lossState[i]!
      const set = means.teach(
        taught.outputs,
        (inner) => current[`${prefix}.${inner}`]!,
        atBelow(numbered(losses, losses[i]!, name), at),
      )
      return { target: set.target, state: below(prefix, set.state) }
    })

    const {
      value,
      gradients: slopes,
      kept,
    } = gradients(
      (weights) => {
        const { outputs, updates } = studyWith(current, weights, inputs)
        const terms = losses.map((loss, i) =>
          loss.means.learn(targets[i]!.target, outputs, atBelow(numbered(losses, loss, loss.name), at)),
        )
        return {
          value: tf.addN(terms) as tf.Scalar,
          kept: {
            ...below(
              'metric',
              Object.fromEntries(losses.map((loss, i) => [numbered(losses, loss, loss.means.metric), terms[i]!])),
            ),
            ...below('buffer', updates),
          },
        }
      },
      Object.fromEntries(trainable.map((name) => [name, current[`student.${name}`]!])),
    )

    const moved: Record<string, tf.Tensor> = {}
    for (const name of trainable) {
      const slope = slopes[name]
      if (slope === undefined) continue
      const next = optimizer.means.update(
        current[`student.${name}`]!,
        slope,
        (inner) => current[`optimizer.${name}.${inner}`]!,
        atBelow(optimizer.name, at),
        { decays: decays(name), last: isLast(name) },
      )
      moved[`student.${name}`] = next.weight
      Object.assign(moved, below(`optimizer.${name}`, next.state))
    }
    for (const name of Object.keys(ofTeacher.weights)) {
      const old = current[`teacher.${name}`]!
      const followed = moved[`student.${name}`] ?? current[`student.${name}`]
      if (followed !== undefined) moved[`teacher.${name}`] = ema.means.update(old, followed, atBelow(ema.name, at))
    }
    const under = (prefix: string): Tensors =>
      Object.fromEntries(
        Object.entries(kept).flatMap(([name, tensor]) =>
          name.startsWith(`${prefix}.`) ? [[name.slice(prefix.length + 1), tensor]] : [],
        ),
      )
    const norms =
      options.gradientNorms === true
        ? Object.entries(slopes).map(([name, g]) => [`norm.${name}`, tf.sqrt(tf.sum(tf.square(g)))] as const)
        : []
    return {
      state: {
        ...current,
        ...moved,
        ...taught.state,
        ...under('buffer'),
        ...Object.assign({}, ...targets.map((target) => target.state)),
      },
      metrics: { loss: value, ...under('metric'), ...Object.fromEntries(norms) },
    }
  }

  const encode: Program['encode'] = (current, images) =>
    teacher.tokens(memory('teacher', current).part(BACKBONE), images, undefined, evaluation)

  return { batch, state, trainable, decays, init, numbers, schedules: Object.keys(schedules), teach, study, step, encode }
}

/** The number of logits that a last layer gives. */
const prototypesOf = (head: Head, layer: string): number =>
  (head.weights[`${layer}.weight_v`] ?? head.weights[`${layer}.weight`])!.shape[0]!

/** A loss's name or metric, numbered from the second of that name on. */
const numbered = (losses: readonly Placed<Loss>[], loss: Placed<Loss>, name: string): string => {
  const before = losses.slice(0, losses.indexOf(loss)).filter((other) => other.name === loss.name).length
  return before === 0 ? name : `${name}.${before + 1}`
}

/** A loss's own state, and where it stands in that of the program. */
const ownState = (
  losses: readonly Placed<Loss>[],
  loss: Placed<Loss>,
  prototypes: { readonly cls: number; readonly patch: number },
) => ({
  prefix: numbered(losses, loss, 'ibot_loss'),
  specs: loss.means.state(prototypes),
})
