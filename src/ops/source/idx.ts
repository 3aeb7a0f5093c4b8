import { define } from '../../dsl/op'
import { list, maybe, required, text } from '../../dsl/type'
import { idxSource } from '../../io/idx'
import { source } from './kind'

export const idx = define(source)({
  name: 'idx',
  doc: 'Pictures in an IDX file, the format of MNIST, and their labels in another; gzipped or not.',
  fields: {
    images: required(text, 'path of the file of the pictures: N × height × width, or N × height × width × 3'),
    labels: maybe(text, 'path of the file of their labels; without it the pictures have none'),
    classes: maybe(list(text), 'names of the classes, in the order of their numbers'),
  },
  build: (files) => () => idxSource(files),
})
