import { define } from '../../dsl/op'
import { list, required } from '../../dsl/type'
import { hasLength, type Schedule, type Span, schedule, scheduled, stepsLeft } from './kind'

/** Each schedule with the step at which it begins and the steps that it gets. */
const segments = (schedules: readonly Schedule[], span: Span) => {
  let start = 0
  return schedules.map((one) => {
    const steps = one.length(span) ?? Math.max(0, stepsLeft(span) - start)
    const segment = { start, end: start + steps, value: one.at({ ...span, left: steps }) }
    start = segment.end
    return segment
  })
}

export const piecewise = define(schedule)({
  name: 'piecewise',
  doc: 'Schedules one after the other: a warm-up, then a decay. Each but the last says how long it takes.',
  fields: { schedules: required(list(scheduled), 'the schedules in their order') },
  main: 'schedules',
  example: [{ linear: { from: 0, to: 1e-3, for: '10 epochs' } }, { cosine: { from: 1e-3, to: 1e-6 } }],
  refine: ({ schedules }) =>
    schedules.slice(0, -1).flatMap((one, i) =>
      hasLength(one)
        ? []
        : [
            {
              path: ['schedules', i],
              message: 'a schedule that others follow must say how long it takes',
              suggestion: "add 'for: 10 epochs', 'for: 500 steps' or 'for: 5%'",
            },
          ],
    ),
  build: ({ schedules }) => ({
    length: (span) => {
      const lengths = schedules.map((one) => one.length(span))
      return lengths.includes(undefined) ? undefined : lengths.reduce<number>((sum, n) => sum + (n ?? 0), 0)
    },
    at: (span) => {
      const parts = segments(schedules, span)
      return (step) => {
        const part = parts.find(({ end }) => step < end) ?? parts[parts.length - 1]!
        return part.value(step - part.start)
      }
    },
  }),
})
