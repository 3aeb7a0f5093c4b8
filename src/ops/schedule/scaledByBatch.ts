import { define } from '../../dsl/op'
import { integer, number, optional, required } from '../../dsl/type'
import { quantity } from './kind'

export const scaledByBatch = define(quantity)({
  name: 'scaledByBatch',
  doc: "A value given for a reference batch, scaled linearly to the run's batch.",
  equation: 'value · batch / reference',
  source: 'the linear scaling rule (Goyal et al., arXiv 1706.02677), which iBOT applies to the learning rate with reference 256',
  fields: {
    value: required(number, 'the value at the reference batch'),
    reference: optional(integer(1), 256, 'the batch that the value is meant for, in images'),
  },
  main: 'value',
  build:
    ({ value, reference }) =>
    ({ batch }) =>
      (value * batch) / reference,
})
