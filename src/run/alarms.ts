/**
 * Alarms: how trainings of this kind fail, read off their monitors (docs/monitors.md) while they run. Each rule says what
 * must hold for how many steps in a row; the bounds lie between what was measured in runs that learnt and in runs that
 * were spoilt in one place. Measured were the first 200 to 300 steps of the shipped pipelines; of the small pipeline of
 * test/run/collapse.test.ts with other seeds, batches of 2 and 8, 16 and 2,048 prototypes, batch normalisation, temperature
 * 0.07 and teacher momentum 0.9999; and of fashion-mnist.yaml and the small one spoilt.
 */

/** What is read of a step. */
export interface StepMonitors {
  /** Steps done, from 1. */
  readonly step: number
  readonly monitors: Readonly<Record<string, number>>
}

export interface Alarm {
  readonly alarm: AlarmName
  /** Steps done when it was raised. */
  readonly step: number
  /** What is seen, and the likely cause. */
  readonly message: string
  /** What helps, most often. */
  readonly remedy: string
}

type Monitors = Readonly<Record<string, number>>

/** What an alarm has to know of a run. */
export interface Watched {
  /** Global views of a step. */
  readonly views: number
  /** Whether there are losses on hidden patches, and none was hidden by many masks drawn for all epochs. */
  readonly seldomMasked: boolean
}

interface Rule {
  /** For so many steps in a row. */
  readonly steps: number
  /** And in so many global views; 0 by default. */
  readonly views?: number
  /** Whether it is looked at in a run; by default it is. */
  readonly applies?: (run: Watched) => boolean
  /** False, too, where there is nothing to read. */
  readonly holds: (monitors: Monitors) => boolean
  /** Seen once, it can't be so any more. */
  readonly refuted?: (monitors: Monitors) => boolean
  readonly message: (monitors: Monitors) => string
  readonly remedy: (monitors: Monitors) => string
}

/** The values of a monitor that each loss has, by the names of the losses. */
const ofLosses = (monitors: Monitors, name: string): readonly (readonly [loss: string, value: number])[] =>
  Object.entries(monitors).flatMap(([key, value]) => (key.endsWith(`.${name}`) ? [[key.slice(0, -name.length - 1), value]] : []))

/** The losses for which something holds. */
const losses = (monitors: Monitors, name: string, holds: (value: number, loss: string) => boolean): readonly string[] =>
  ofLosses(monitors, name).flatMap(([loss, value]) => (holds(value, loss) ? [loss] : []))

/** Entropy as a share of ln K. At temperature 1: 0.999 and more. Sound: at most 0.90 (mnist.yaml, at step 20). */
const UNIFORM = 0.98
/** Prototypes. Without centring: below 2.2 from step 100 on (fashion-mnist), 1.5 to 1.9 from 20 on. Sound: at least 3.5 from 20 on. */
const ONE_HOT = 2.5
/** Share of the weights' norm. At 100 times the learning rate: 0.02 to 0.09, at ten times up to 0.025. Sound: at most 0.005. */
const FAST = 0.02
/** Share of the student's step. At momentum 0: 0. Sound: the teacher's distance is many steps of the student. */
const COPIED = 0.01
/** Share of what is between centre and batch, or of the centre: 0 at momentum 1 and 0. Sound: 0.02 and more. */
const NOTHING = 1e-4
/** Fewer tokens than these use few prototypes in any case. */
const TOKENS = 16
/** Deviation of normalised pixels. Of constant pictures: 0. Sound: 0.5 and more. */
const CONSTANT = 0.01

const uniform = (monitors: Monitors) => losses(monitors, 'teacherEntropy', (value) => value > UNIFORM)
const oneHot = (monitors: Monitors) => losses(monitors, 'prototypes', (value) => value < ONE_HOT)
const dead = (monitors: Monitors) =>
  losses(monitors, 'center.norm', (norm, loss) => norm < NOTHING * monitors[`${loss}.center.gap`]!)
const forgetful = (monitors: Monitors) =>
  losses(monitors, 'center.gap', (gap, loss) => gap < NOTHING * monitors[`${loss}.center.norm`]!)

const percent = (share: number): string => `${Number((100 * share).toPrecision(3))} %`
const targets = (names: readonly string[]): string => names.join(' and ')

const RULES = {
  constantInputs: {
    steps: 10,
    holds: ({ 'input.std': std = 1, 'input.spread': spread = 1 }) => std < CONSTANT || spread < CONSTANT,
    message: ({ 'input.std': std = 1 }) =>
      std < CONSTANT
        ? 'the views are blank: all pixels of a picture are the same'
        : 'all pictures of a batch are the same at every place: there is nothing to distinguish',
    remedy: () =>
      "Look at the data and at the augmentations ('ibot view'): the wrong folder, pictures that are all black, a normalisation with a huge std?",
  },
  nothingMasked: {
    steps: 100,
    views: 10_000,
    // Of what masks hide later on, by themselves or from an epoch on, there would be some among those that were drawn.
    applies: ({ seldomMasked }) => seldomMasked,
    holds: ({ 'input.masked': masked = 1 }) => masked === 0,
    refuted: ({ 'input.masked': masked = 0 }) => masked > 0,
    message: () => 'no patch of any view has been hidden from the student: the losses on hidden patches are 0 and teach nothing',
    remedy: () => "Hide some: 'masking: { mixture: [none, { block: { ratio: [0.1, 0.5] } }] }'; or leave those losses out.",
  },
  frozenTeacher: {
    steps: 30,
    holds: ({ 'teacher.movement': teacher = 1, 'student.movement': student = 0 }) => teacher === 0 && student > 0,
    // At the end of a schedule the momentum may be 1 by right.
    refuted: ({ 'teacher.movement': teacher = 0 }) => teacher > 0,
    message: () => 'the teacher has never moved while the student did: its momentum is 1',
    remedy: () => "Let it follow: 'emaTeacher: { momentum: { cosine: { from: 0.996, to: 1 } } }'.",
  },
  copiedTeacher: {
    steps: 20,
    holds: ({ 'teacher.distance': distance = Number.POSITIVE_INFINITY, 'student.movement': student = 0 }) =>
      student > 0 && distance < COPIED * student,
    message: () => 'the teacher is a copy of the student at every step: its momentum is 0, and their agreement means nothing',
    remedy: () => "Let it follow slowly: 'emaTeacher: { momentum: { cosine: { from: 0.996, to: 1 } } }'.",
  },
  deadCenter: {
    steps: 20,
    holds: (monitors) => dead(monitors).length > 0,
    message: (monitors) =>
      `the centre of ${targets(dead(monitors))} stays where it began: its momentum is 1, and one prototype can take all`,
    remedy: () => "Let it follow the logits: 'center: 0.9'.",
  },
  forgetfulCenter: {
    steps: 20,
    holds: (monitors) => forgetful(monitors).length > 0,
    message: (monitors) =>
      `the centre of ${targets(forgetful(monitors))} is that of the last batch alone: its momentum is 0, and it jumps with every batch`,
    remedy: () => "Let it keep the past: 'center: 0.9'.",
  },
  uniformOutputs: {
    steps: 100,
    holds: (monitors) => uniform(monitors).length > 0,
    message: (monitors) => {
      const [loss] = uniform(monitors)
      return `the teacher gives the same distribution for everything: the entropy of its distributions (${targets(uniform(monitors))}) is ${percent(monitors[`${loss}.teacherEntropy`]!)} of ln K, that of the uniform one; its temperature is too high for its logits`
    },
    remedy: () =>
      "Sharpen the target: 'sharpen: 0.04', up to 0.07 once it learns. If it is as sharp already, lower the learning rate and raise the teacher's momentum; a head without a bottleneck begins with small logits and may just take longer.",
  },
  oneHotOutputs: {
    steps: 30,
    applies: ({ views }) => views >= TOKENS,
    holds: (monitors) => oneHot(monitors).length > 0,
    message: (monitors) => {
      const [loss] = oneHot(monitors)
      const centred = `${loss}.center.norm` in monitors
      return `the teacher uses only a few prototypes: a batch uses ${monitors[`${loss}.prototypes`]!.toFixed(1)} of them (${targets(oneHot(monitors))})${centred ? '' : '; its target is not centred'}`
    },
    remedy: (monitors) =>
      oneHot(monitors).every((loss) => `${loss}.center.norm` in monitors)
        ? 'A larger batch, a higher temperature of the target (0.04 to 0.07), a lower learning rate or a slower teacher (momentum from 0.996) helps.'
        : "Center the target before it is sharpened: 'target: [center: 0.9, sharpen: 0.04]'; or use sinkhornKnopp.",
  },
  diverging: {
    steps: 20,
    holds: ({ 'student.movement': movement = 0 }) => movement > FAST,
    message: ({ 'student.movement': movement = 0 }) =>
      `every step moves the weights by ${percent(movement)} of their size: the learning rate is far too high`,
    remedy: () => 'Divide it by ten or more, and let it rise for longer at the beginning.',
  },
} as const satisfies Readonly<Record<string, Rule>>

export type AlarmName = keyof typeof RULES

export const ALARMS = Object.keys(RULES) as readonly AlarmName[]

/** What has been seen so far. */
export interface Watch {
  /** For how many steps in a row each rule has held. */
  readonly row: Readonly<Partial<Record<AlarmName, number>>>
  /** What is looked at no more: it was raised, or it can't be so any more. */
  readonly closed: readonly AlarmName[]
}

export const nothingSeen: Watch = { row: {}, closed: [] }

/** Looks at a step; gives the alarms that it raises, each once in a run. */
export const look = (
  { row: before, closed }: Watch,
  { step, monitors }: StepMonitors,
  run: Watched,
): { readonly watch: Watch; readonly alarms: readonly Alarm[] } => {
  const rules: Readonly<Record<AlarmName, Rule>> = RULES
  const open = ALARMS.filter((name) => !closed.includes(name) && rules[name].applies?.(run) !== false)
  const row = Object.fromEntries(open.map((name) => [name, rules[name].holds(monitors) ? (before[name] ?? 0) + 1 : 0]))
  const raised = open.filter((name) => row[name]! >= rules[name].steps && row[name]! * run.views >= (rules[name].views ?? 0))
  const refuted = open.filter((name) => rules[name].refuted?.(monitors) === true)
  const alarms = raised.map((alarm) => ({
    alarm,
    step,
    message: rules[alarm].message(monitors),
    remedy: rules[alarm].remedy(monitors),
  }))
  return { watch: { row, closed: [...closed, ...raised, ...refuted] }, alarms }
}

/** Looks at one step of a run after another. */
export const alarmWatch = (run: Watched) => {
  let watch = nothingSeen
  const raised: AlarmName[] = []
  return {
    /** The alarms that a step raises. */
    look: (step: StepMonitors): readonly Alarm[] => {
      const looked = look(watch, step, run)
      watch = looked.watch
      raised.push(...looked.alarms.map(({ alarm }) => alarm))
      return looked.alarms
    },
    /** All that were raised. */
    raised: (): readonly AlarmName[] => raised,
  }
}
