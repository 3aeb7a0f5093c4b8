import { define } from '../../dsl/op'
import { integer, optional } from '../../dsl/type'
import { headOutput } from './kind'

export const shared = define(headOutput)({
  name: 'shared',
  doc: '[CLS] and patch tokens go through the same last layer, so that patches get the meaning that [CLS] learns.',
  source: 'iBOT §3.2 (shared head); shared_head of the reference implementation',
  fields: { prototypes: optional(integer(2, 1_000_000_000), 8192, 'number of prototypes') },
  main: 'prototypes',
  build: ({ prototypes }) => ({ shared: true, prototypes: { cls: prototypes, patch: prototypes } }),
})
