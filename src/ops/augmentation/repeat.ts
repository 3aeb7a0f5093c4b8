import { define } from '../../dsl/op'
import { integer, required } from '../../dsl/type'
import { augmentation, augmentations, inOrder } from './kind'

export const repeat = define(augmentation)({
  name: 'repeat',
  doc: 'The same augmentations several times over, drawn anew each time.',
  fields: {
    times: required(integer(0, 1000), 'how often'),
    augmentations: required(augmentations, 'what is repeated, in this order'),
  },
  build: ({ times, augmentations: parts }) => inOrder(Array.from({ length: times }, () => inOrder(parts))),
})
