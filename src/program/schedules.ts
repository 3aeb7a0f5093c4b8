/** The schedules of a design in a run of known length: values that no step can take, and ends that the run doesn't reach. */
import type { Problem } from '../base/failure'
import { meaningOf } from '../dsl/meaning'
import type { Registry } from '../dsl/registry'
import { stageKind } from '../dsl/spec'
import { type AnyType, type Fields, type Json, type Op, opBody, opName } from '../dsl/type'
import { type Schedule, type Span, schedule } from '../ops/schedule/kind'
import type { Design } from './design'
import type { BuiltStage } from './stages'

type Path = readonly (string | number)[]

/** A schedule as it is written, and where. */
interface Placed {
  readonly op: Op
  readonly path: Path
}

const within = (registry: Registry, type: AnyType, value: Json, path: Path): readonly Placed[] => {
  const { node } = type
  switch (node.tag) {
    case 'op':
      return node.kind.name === schedule.name
        ? [{ op: value as Op, path }]
        : inOp(registry, registry.find(node.kind, opName(value as Op))?.fields, value as Op, path)
    case 'list':
      return (value as readonly Json[]).flatMap((item, i) => within(registry, node.item, item, [...path, i]))
    case 'struct':
      return inFields(registry, node.fields, value as Readonly<Record<string, Json>>, path)
    case 'steps': {
      const steps = value as readonly Op[]
      return steps.flatMap((step, i) => {
        const kind = i === steps.length - 1 ? node.last : node.before
        return inOp(registry, registry.find(kind, opName(step))?.fields, step, [...path, i])
      })
    }
    default:
      return []
  }
}

const inFields = (registry: Registry, fields: Fields, values: Readonly<Record<string, Json>>, path: Path): readonly Placed[] =>
  Object.entries(fields).flatMap(([key, { type }]) =>
    values[key] === undefined ? [] : within(registry, type, values[key], [...path, key]),
  )

const inOp = (registry: Registry, fields: Fields | undefined, op: Op, path: Path): readonly Placed[] =>
  inFields(registry, fields ?? {}, opBody(op), [...path, opName(op)])

/** All schedules of a design's stages, each as a whole. */
const schedulesOf = ({ registry, teacher, losses, optimizer }: Design): readonly Placed[] =>
  [...(teacher === undefined ? [] : [teacher]), ...losses, optimizer].flatMap(({ op, path }: BuiltStage<unknown>) =>
    inFields(registry, registry.find(stageKind, opName(op))?.fields ?? {}, opBody(op), path),
  )

const meant = (registry: Registry, op: Op): Schedule => meaningOf(registry, schedule, op) as Schedule

/** Steps at which a schedule is looked at. */
const SAMPLES = 200

/** Numbers that float32, in which steps compute, can't hold. */
export const oversized = (design: Design, span: Span): readonly Problem[] =>
  schedulesOf(design).flatMap(({ op, path }) => {
    const value = meant(design.registry, op).at(span)
    const stride = Math.max(1, Math.floor(span.steps / SAMPLES))
    const steps = [...Array.from({ length: Math.ceil(span.steps / stride) }, (_, i) => i * stride), span.steps - 1]
    const wrong = steps.map(value).find((one) => !Number.isFinite(Math.fround(one)))
    return wrong === undefined
      ? []
      : [
          {
            code: 'unfit-value',
            path,
            at: 'value' as const,
            message: `a step computes in float32, which ends at 3.4e38: this reaches ${wrong}`,
            suggestion: 'write a smaller number',
          },
        ]
  })

/** A part of a schedule that the run ends within or before; the first one that there is. */
const cut = (registry: Registry, { op, path }: Placed, span: Span, start: number): Problem | undefined => {
  const name = opName(op)
  const body = opBody(op)
  const at = [...path, name]
  if (name === 'scaledBy' || name === 'clamp')
    return cut(registry, { op: body.schedule as Op, path: [...at, 'schedule'] }, span, start)
  if (name === 'piecewise') {
    let begin = start
    for (const [i, part] of (body.schedules as readonly Op[]).entries()) {
      const place = [...at, 'schedules', i]
      if (begin >= span.steps)
        return {
          code: 'cut-schedule',
          path: place,
          at: 'key',
          message: `this part of the schedule never begins: those before it take ${begin} steps, and the run has ${span.steps}`,
          suggestion: 'shorten those before it, or train for longer',
        }
      const left = Math.max(0, span.steps - begin)
      const found = cut(registry, { op: part, path: place }, { ...span, left }, begin)
      if (found !== undefined) return found
      begin += meant(registry, part).length({ ...span, left }) ?? left
    }
    return undefined
  }
  const length = name === 'constant' ? undefined : meant(registry, op).length(span)
  return length === undefined || start + length <= span.steps
    ? undefined
    : {
        code: 'cut-schedule',
        path: body.for === undefined ? at : [...at, 'for'],
        at: 'value',
        message: `the run ends before this schedule does: it takes ${length} steps${start === 0 ? '' : ` from step ${start} on`}, and the run has ${span.steps}`,
        suggestion: "shorten 'for', give it as a share of the run ('10%'), or train for longer",
      }
}

/** Schedules whose ends the run doesn't reach: a warm-up longer than the run, say. */
export const cutSchedules = (design: Design, span: Span): readonly Problem[] =>
  schedulesOf(design).flatMap((placed) => cut(design.registry, placed, span, 0) ?? [])
