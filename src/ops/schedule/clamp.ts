import { define } from '../../dsl/op'
import { number, required } from '../../dsl/type'
import { schedule, scheduled } from './kind'

export const clamp = define(schedule)({
  name: 'clamp',
  doc: 'Another schedule kept between two values.',
  fields: {
    min: required(number, 'no value is lower'),
    max: required(number, 'no value is higher'),
    schedule: required(scheduled, 'the schedule that is kept within'),
  },
  refine: ({ min, max }) =>
    min <= max ? [] : [{ path: ['max'], message: `max ${max} is below min ${min}`, suggestion: 'swap them' }],
  build: ({ min, max, schedule: inner }) => ({
    length: inner.length,
    at: (span) => {
      const value = inner.at(span)
      return (step) => Math.min(max, Math.max(min, value(step)))
    },
  }),
})
