import { define } from '../../dsl/op'
import { number, required } from '../../dsl/type'
import { schedule, scheduled } from './kind'

export const scaledBy = define(schedule)({
  name: 'scaledBy',
  doc: 'Another schedule times a factor.',
  fields: {
    factor: required(number, 'what every value is multiplied by'),
    schedule: required(scheduled, 'the schedule that is scaled'),
  },
  build: ({ factor, schedule: inner }) => ({
    length: inner.length,
    at: (span) => {
      const value = inner.at(span)
      return (step) => factor * value(step)
    },
  }),
})
