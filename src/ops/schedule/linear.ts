import { define } from '../../dsl/op'
import { choice, optional, required } from '../../dsl/type'
import { amount, amountAt, forField, schedule, stepsLeft } from './kind'

export const linear = define(schedule)({
  name: 'linear',
  doc: 'A straight line that holds both its ends: it starts at `from`, reaches `to` on its last step and stays there.',
  example: { from: 0.04, to: 0.07, for: '30 epochs', per: 'epoch' },
  equation: 'from + (to - from) · i / (n - 1), i = 0 … n - 1',
  source: 'numpy.linspace, with which the reference implementation warms up learning rate (by step) and temperatures (by epoch)',
  fields: {
    from: required(amount, 'the first value'),
    to: required(amount, 'the last value'),
    for: forField,
    per: optional(choice('step', 'epoch'), 'step', 'whether the value changes at every step or once an epoch'),
  },
  build: ({ from, to, for: length, per }) => ({
    length: (span) => length?.(span),
    at: (span) => {
      const unit = per === 'epoch' ? span.stepsPerEpoch : 1
      const n = Math.round((length?.(span) ?? stepsLeft(span)) / unit)
      const first = amountAt(from, span)
      const last = amountAt(to, span)
      return (step) => {
        const i = Math.floor(step / unit)
        return n === 1 && i === 0 ? first : i >= n - 1 ? last : first + i * ((last - first) / (n - 1))
      }
    },
  }),
})
