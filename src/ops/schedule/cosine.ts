import { define } from '../../dsl/op'
import { required } from '../../dsl/type'
import { amount, amountAt, forField, schedule, stepsLeft } from './kind'

export const cosine = define(schedule)({
  name: 'cosine',
  doc: 'Half a cosine wave from `from` towards `to`, which it reaches just after its last step.',
  example: { from: 0.996, to: 1 },
  equation: 'to + (from - to) · (1 + cos(π i / n)) / 2, i = 0 … n - 1',
  source: 'SGDR (arXiv 1608.03983) without restarts; cosine_scheduler of the reference implementation',
  fields: { from: required(amount, 'the first value'), to: required(amount, 'the value it tends to'), for: forField },
  build: ({ from, to, for: length }) => ({
    length: (span) => length?.(span),
    at: (span) => {
      const n = length?.(span) ?? stepsLeft(span)
      const first = amountAt(from, span)
      const last = amountAt(to, span)
      return (step) => (step >= n ? last : last + 0.5 * (first - last) * (1 + Math.cos((Math.PI * step) / n)))
    },
  }),
})
