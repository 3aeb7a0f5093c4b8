import { shuffle } from '../../base/random'
import { define } from '../../dsl/op'
import { required } from '../../dsl/type'
import { augmentation, augmentations, commonSize, finishesOneOf, inOrder } from './kind'

export const randomOrder = define(augmentation)({
  name: 'randomOrder',
  doc: 'All of several augmentations, in an order that is drawn for every view.',
  source: 'torchvision.transforms.RandomOrder',
  fields: { augmentations: required(augmentations, 'what is applied') },
  main: 'augmentations',
  build: ({ augmentations: parts }) => {
    const both = [inOrder(parts), inOrder([...parts].reverse())]
    return {
      size: (before) => commonSize(both, before),
      finishes: finishesOneOf(both),
      draw: (draw, shape) => inOrder(shuffle(draw, [...parts])).draw(draw, shape),
    }
  },
})
