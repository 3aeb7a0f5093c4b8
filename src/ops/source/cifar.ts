import { define } from '../../dsl/op'
import { choice, optional, required, text } from '../../dsl/type'
import { cifarSource } from '../../io/cifar'
import { source, split } from './kind'

export const cifar = define(source)({
  name: 'cifar',
  doc: 'CIFAR-10 or CIFAR-100: 50,000 photographs to train and 10,000 to test with, 32 × 32, in colour; whichever the folder holds, in the binary version or the Python one.',
  source: 'Krizhevsky 2009, from https://www.cs.toronto.edu/~kriz/cifar.html',
  fields: {
    path: required(text, 'the unpacked folder: cifar-10-batches-bin, cifar-10-batches-py, cifar-100-binary or cifar-100-python'),
    split: optional(split, 'train', 'which part'),
    labels: optional(choice('fine', 'coarse'), 'fine', 'of CIFAR-100, its 100 classes or its 20 superclasses'),
  },
  main: 'path',
  example: { path: 'data/cifar-10-batches-bin', split: 'train' },
  build: (files) => () => cifarSource(files),
})
