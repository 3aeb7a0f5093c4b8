/** Schedules: numbers that change over a run, each a pure function of the step. */
import type { Objection } from '../../dsl/spec'
import { type Field, kind, leaf, maybe, numberOr, type Op, op, opBody, opName, type Type } from '../../dsl/type'

/** What a schedule may have to know about the run. */
export interface Span {
  /** Steps of the run, of which durations in percent are a share. */
  readonly steps: number
  /** Steps of one pass over the data. */
  readonly stepsPerEpoch: number
  /** Images a step. */
  readonly batch: number
  /** Steps that are left when the schedule begins, which it covers if it has no duration of its own; by default all. */
  readonly left?: number | undefined
}

export const stepsLeft = ({ left, steps }: Span): number => left ?? steps

export interface Schedule {
  /** Its own length in steps; undefined if it covers whatever is left. */
  readonly length: (span: Span) => number | undefined
  /** Its value at a step, counted from its beginning; beyond its end it keeps its last value. */
  readonly at: (span: Span) => (step: number) => number
}

export const schedule = kind<Schedule, number>()({
  name: 'schedule',
  article: 'a schedule',
  sugar: {
    expected: 'a number, for a constant',
    schema: { type: 'number' },
    remove: (written) => (typeof written === 'number' && Number.isFinite(written) ? { constant: { value: written } } : undefined),
  },
})

/** The type of a field that takes a schedule, or a number for a constant one. */
export const scheduled = op(schedule)

// ------------------------------------------------------------------------------------------------------- durations

/** A stretch of the run: '10 epochs', '500 steps', '5%'. */
export type Duration = `${number} epochs` | `${number} epoch` | `${number} steps` | `${number} step` | `${number}%`
type Unit = 'epochs' | 'steps' | '%'
const DURATIONS: Readonly<Record<Unit, RegExp>> = {
  epochs: /^(\d+(?:\.\d+)?)\s*epochs?$/,
  steps: /^(\d+)\s*steps?$/,
  '%': /^(100|\d{1,2}(?:\.\d+)?)\s*%$/,
}

const parsed = (written: string): { readonly value: number; readonly unit: Unit } | undefined => {
  for (const [unit, form] of Object.entries(DURATIONS)) {
    const match = form.exec(written)
    if (match !== null) return { value: Number(match[1]), unit: unit as Unit }
  }
  return undefined
}

/** Steps in a stretch of a run, rounded. */
export type StepsOf = (span: Span) => number

const durationType = (spec: {
  readonly name: string
  readonly expected: string
  readonly pattern: string
  readonly ok: (value: number) => boolean
}): Type<Duration, Duration, StepsOf> =>
  leaf<string, StepsOf>({
    name: spec.name,
    expected: spec.expected,
    schema: { type: 'string', pattern: spec.pattern },
    read: (u) => {
      const d = typeof u === 'string' ? parsed(u) : undefined
      if (d === undefined || !spec.ok(d.value)) return undefined
      return d.unit === '%' ? `${d.value}%` : `${d.value} ${d.value === 1 ? d.unit.slice(0, -1) : d.unit}`
    },
    mean: (written) => {
      const { value, unit } = parsed(written)!
      return ({ steps, stepsPerEpoch }) =>
        Math.round(unit === 'steps' ? value : unit === 'epochs' ? value * stepsPerEpoch : (value / 100) * steps)
    },
  }) as unknown as Type<Duration, Duration, StepsOf>

const PATTERN = Object.values(DURATIONS)
  .map((form) => form.source)
  .join('|')

export const duration = durationType({
  name: 'duration',
  expected: "a duration: '10 epochs', '500 steps' or '5%' (of the run)",
  pattern: PATTERN,
  ok: () => true,
})

/** How long between two of something that comes again and again: a duration that isn't 0. */
export const period = durationType({
  name: 'period',
  expected: "a duration above 0: '10 epochs', '500 steps' or '5%' (of the run)",
  pattern: `^(?=.*[1-9])(?:${PATTERN})`,
  ok: (value) => value > 0,
})

/** How long a schedule takes, where it stands among others or ends before the run does. */
export const forField: Field<Type<Duration, Duration, StepsOf | undefined>, true> = maybe(
  duration,
  'how long it takes; by default whatever is left of the run',
)

/** Whether a schedule's length is known without knowing what is left of the run. */
export const hasLength = (written: Op): boolean => {
  const body = opBody(written)
  switch (opName(written)) {
    case 'piecewise':
      return (body.schedules as readonly Op[]).every(hasLength)
    case 'scaledBy':
    case 'clamp':
      return hasLength(body.schedule as Op)
    default:
      return body.for !== undefined
  }
}

// ------------------------------------------------------------------------------------------------------ quantities

/** A number that depends on the run's batch. */
export type Quantity = (span: Span) => number
export const quantity = kind<Quantity>()({ name: 'quantity', article: 'a quantity' })
/** The type of a field that takes a number, fixed or scaled with the batch. */
export const amount = numberOr(quantity)
export const amountAt = (value: number | Quantity, span: Span): number => (typeof value === 'number' ? value : value(span))

// ---------------------------------------------------------------------------------------------------------- ranges

/** Numbers between which all values of a decoded schedule lie; of a quantity, the value at its reference batch, which has its sign. */
const extremes = (written: Op): readonly number[] => {
  const body = opBody(written)
  const numbers = (...keys: readonly string[]): readonly number[] =>
    keys.map((key) => body[key]).map((value) => (typeof value === 'number' ? value : Number(opBody(value as Op).value)))
  switch (opName(written)) {
    case 'constant':
      return numbers('value')
    case 'linear':
    case 'cosine':
      return numbers('from', 'to')
    case 'piecewise':
      return (body.schedules as readonly Op[]).flatMap(extremes)
    case 'scaledBy':
      return extremes(body.schedule as Op).map((value) => Number(body.factor) * value)
    case 'clamp':
      return extremes(body.schedule as Op).map((value) => Math.min(Number(body.max), Math.max(Number(body.min), value)))
    default:
      return []
  }
}

/** What a field of a schedule objects to: values that it never may have. */
export const outside = (field: string, written: Op, ok: (value: number) => boolean, expected: string): readonly Objection[] => {
  const wrong = extremes(written).find((value) => !ok(value))
  return wrong === undefined ? [] : [{ path: [field], message: `${field} must always be ${expected}, and reaches ${wrong}` }]
}
