import { define } from '../../dsl/op'
import { required } from '../../dsl/type'
import { amount, amountAt, forField, schedule } from './kind'

export const constant = define(schedule)({
  name: 'constant',
  doc: 'The same value all the time; a bare number is short for it.',
  fields: { value: required(amount, 'the value'), for: forField },
  main: 'value',
  build: ({ value, for: length }) => ({
    length: (span) => length?.(span),
    at: (span) => () => amountAt(value, span),
  }),
})
