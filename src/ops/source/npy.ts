import { define } from '../../dsl/op'
import { list, maybe, required, text } from '../../dsl/type'
import { npySource } from '../../io/npy'
import { source } from './kind'

export const npy = define(source)({
  name: 'npy',
  doc: 'Pictures in an array of unsigned bytes that NumPy has saved, and their labels in another; read when they are wanted, so that the array may be larger than the memory.',
  source: 'numpy.save',
  fields: {
    images: required(text, 'path of the file of the pictures: N × height × width, or N × height × width × 3'),
    labels: maybe(text, 'path of the file of their labels, whole numbers; without it the pictures have none'),
    classes: maybe(list(text), 'names of the classes, in the order of their numbers'),
  },
  main: 'images',
  example: { images: 'data/images.npy', labels: 'data/labels.npy' },
  build: (files) => () => npySource(files),
})
