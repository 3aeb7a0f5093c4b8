import { define } from '../../dsl/op'
import { integer, optional } from '../../dsl/type'
import { headOutput } from './kind'

export const separate = define(headOutput)({
  name: 'separate',
  doc: '[CLS] and patch tokens have a last layer each.',
  source: 'out_dim and patch_out_dim of the reference implementation',
  fields: {
    cls: optional(integer(2, 1_000_000_000), 8192, 'prototypes of the [CLS] token'),
    patch: optional(integer(2, 1_000_000_000), 8192, 'prototypes of a patch token'),
  },
  build: (prototypes) => ({ shared: false, prototypes }),
})
