import { define } from '../../dsl/op'
import { list, maybe, oneOrMore, required, text } from '../../dsl/type'
import { tarShards as open } from '../../io/tarShards'
import { decoding, source } from './kind'

export const tarShards = define(source)({
  name: 'tarShards',
  doc: 'Pictures in tar archives, named as WebDataset has it: 000001.jpg and, where there are labels, 000001.cls behind it. They are read at their places, in any order; gzipped shards are unpacked into the cache first, once.',
  source: 'WebDataset (https://github.com/webdataset/webdataset)',
  fields: {
    shards: required(
      oneOrMore(text),
      'paths of the archives; braces and stars stand for several: train-{000..146}.tar, train-*.tar',
    ),
    classes: maybe(list(text), 'names of the classes, in the order of their numbers; without it, what occurs, sorted'),
    ...decoding,
  },
  main: 'shards',
  example: { shards: 'data/train-{000..146}.tar' },
  build: (tar) => (notify) => open(tar, notify),
})
