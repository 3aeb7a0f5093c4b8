import { define } from '../../dsl/op'
import { required } from '../../dsl/type'
import { augmentation, augmentations, commonSize, finishesOneOf } from './kind'

export const oneOf = define(augmentation)({
  name: 'oneOf',
  doc: 'One of several augmentations, each as likely as the others.',
  source: 'torchvision.transforms.RandomChoice',
  fields: { augmentations: required(augmentations, 'what is chosen from') },
  main: 'augmentations',
  build: ({ augmentations: parts }) => ({
    size: (before) => commonSize(parts, before),
    finishes: finishesOneOf(parts),
    draw: (draw, shape) => parts[draw.integer(parts.length)]!.draw(draw, shape),
  }),
})
