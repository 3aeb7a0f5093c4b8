/** What a run is going to be, in numbers: all that can be told of it before its first step. */
import { elements } from '../base/shape'
import type { Data } from '../evaluate/openData'
import type { Source } from '../io/source'
import type { Span } from '../ops/schedule/kind'
import { batchBytes } from '../program/batch'
import type { Design } from '../program/design'
import type { Program } from '../program/program'
import type { StepForecast } from './stepForecast'

export type Size = readonly [height: number, width: number]

export interface Forecast {
  readonly name: string
  /** Null where they can't be opened. */
  readonly data: {
    readonly name: string
    readonly pictures: number
    readonly channels: 1 | 3
    /** Null where the pictures differ in size. */
    readonly size: Size | null
    /** 0 where there are no labels. */
    readonly classes: number
  } | null
  /** Views of one kind and size together, global ones first. */
  readonly views: readonly ViewsForecast[]
  /** Patches of a global view, and whether some of them are hidden from the student. */
  readonly patches: { readonly rows: number; readonly columns: number; readonly masked: boolean }
  readonly backbone: NetworkForecast & { readonly width: number }
  readonly head: NetworkForecast & { readonly logits: { readonly cls: number; readonly patch: number } }
  /** Null where there is none. */
  readonly teacher: string | null
  /** `metric` is the name of its value. */
  readonly losses: readonly { readonly name: string; readonly metric: string }[]
  readonly optimizer: { readonly name: string; readonly parameters: number }
  /** None where the data can't be opened: they say how long an epoch is. */
  readonly schedules: readonly ScheduleForecast[]
  /** Null is what only the data tell. */
  readonly training: {
    readonly batch: number
    /** Pictures that are computed at once. */
    readonly microBatch: number
    readonly steps: number | null
    readonly stepsPerEpoch: number | null
    readonly epochs: number | null
    readonly seed: number
  }
  /** The pictures of each probe that aren't the pipeline's own. */
  readonly probes: readonly { readonly name: string; readonly pictures: number; readonly of: string }[]
  readonly bytes: { readonly weights: number; readonly moments: number; readonly batch: number }
  /** Null where a step can't be recorded. */
  readonly cost: StepForecast | null
}

export interface ViewsForecast {
  readonly kind: 'global' | 'local'
  readonly count: number
  readonly size: Size
  /** Tokens of such a view, [CLS] among them. */
  readonly tokens: number
}

export interface NetworkForecast {
  readonly name: string
  /** Numbers in the student's weights. */
  readonly parameters: number
}

/** The course of a number that changes with the step. */
export interface ScheduleForecast {
  readonly name: string
  readonly first: number
  /** The highest value, and the first step (from 0) that has it. */
  readonly peak: number
  readonly peakStep: number
  readonly last: number
}

const FLOAT = 4
/** Numbers in all tensors of the state whose names begin so. */
const count = (program: Program, prefix: string): number =>
  Object.entries(program.state).reduce((sum, [name, { shape }]) => sum + (name.startsWith(prefix) ? elements(shape) : 0), 0)

const viewsOf = ({ views, sizes, backbone }: Design): readonly ViewsForecast[] => {
  const { stride } = backbone.meaning
  const all = views.meaning.views.map(({ kind }, i) => ({ kind, size: sizes[i]! }))
  const keyOf = (view: (typeof all)[number]): string => `${view.kind} ${view.size.join()}`
  return [...new Set(all.map(keyOf))].map((key) => {
    const alike = all.filter((view) => keyOf(view) === key)
    const { kind, size } = alike[0]!
    return { kind, size, count: alike.length, tokens: 1 + (size[0] / stride) * (size[1] / stride) }
  })
}

/** How closely a long run is looked at. */
const SAMPLES = 2000

/** The step of the highest value between two steps, of values that rise to it and then fall: the first where several are as high. */
const highest = (value: (step: number) => number, from: number, to: number): number => {
  let [low, high] = [from, to]
  while (high > low) {
    const middle = Math.floor((low + high) / 2)
    if (value(middle) < value(middle + 1)) low = middle + 1
    else high = middle
  }
  return low
}

/** The first and highest values of all schedules. Between two samples the step around the best one is looked for. */
const schedulesOf = (program: Program, steps: number): readonly ScheduleForecast[] => {
  const first = program.numbers(0)
  const last = program.numbers(steps - 1)
  const stride = Math.max(1, Math.floor(steps / SAMPLES))
  const at = Array.from({ length: Math.ceil(steps / stride) }, (_, i) => i * stride)
  const samples = at.map((step) => program.numbers(step))
  return program.schedules.map((key) => {
    const sampled = samples.reduce((best, values, i) => (values[key]! > samples[best]![key]! ? i : best), 0)
    const from = Math.max(0, at[sampled]! - stride + 1)
    const to = Math.min(steps - 1, at[sampled]! + stride - 1)
    const peakStep = highest((step) => program.numbers(step)[key]!, from, to)
    return { name: key, first: first[key]!, peak: program.numbers(peakStep)[key]!, peakStep, last: last[key]! }
  })
}

const shownData = ({ name, count: pictures, channels, size, classes }: Source): Forecast['data'] => ({
  ...{ name, pictures, channels, size: size ?? null },
  classes: classes.length,
})

type Length = Pick<Forecast['training'], 'steps' | 'stepsPerEpoch' | 'epochs'>

const lengthWith = ({ steps, stepsPerEpoch }: Span): Length => ({ steps, stepsPerEpoch, epochs: steps / stepsPerEpoch })

/** Steps or epochs, as they are written. */
const lengthWithout = ({ training }: Design): Length => ({
  ...{ steps: null, stepsPerEpoch: null, epochs: null },
  ...training.meaning.length,
})

/** `cost` is what a step was found to take. */
export const forecast = (
  design: Design,
  program: Program,
  { source, span, probes }: Pick<Data, 'source' | 'span' | 'probes'>,
  cost: StepForecast | null,
): Forecast => {
  const { grid } = program.batch
  return {
    name: design.plan.name,
    data: source === undefined ? null : shownData(source),
    views: viewsOf(design),
    patches: { rows: grid.height, columns: grid.width, masked: design.masking !== undefined },
    backbone: {
      name: design.backbone.name,
      width: design.backbone.meaning.width,
      parameters: count(program, 'student.backbone.'),
    },
    head: {
      name: design.head.name,
      logits: design.head.meaning.student(design.backbone.meaning.width).prototypes,
      parameters: count(program, 'student.head.'),
    },
    teacher: design.teacher?.name ?? null,
    losses: design.losses.map(({ name }, i) => ({ name, metric: program.terms[i]! })),
    optimizer: {
      name: design.optimizer.name,
      parameters: program.trainable.reduce((sum, name) => sum + elements(program.state[`student.${name}`]!.shape), 0),
    },
    schedules: source === undefined ? [] : schedulesOf(program, span.steps),
    training: {
      batch: span.batch,
      microBatch: program.division.pictures,
      ...(source === undefined ? lengthWithout(design) : lengthWith(span)),
      seed: design.training.meaning.seed,
    },
    probes: probes.flatMap(({ stage: { name }, sets }) =>
      sets
        .filter((set) => set.source !== undefined)
        .map(({ from, count = from.count }) => ({ name, pictures: Math.min(count, from.count), of: from.name })),
    ),
    bytes: {
      weights: FLOAT * (count(program, 'student.') + count(program, 'teacher.')),
      moments: FLOAT * count(program, 'optimizer.'),
      batch: batchBytes(program.batch),
    },
    cost,
  }
}
