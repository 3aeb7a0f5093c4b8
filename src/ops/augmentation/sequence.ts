import { define } from '../../dsl/op'
import { required } from '../../dsl/type'
import { augmentation, augmentations, inOrder } from './kind'

export const sequence = define(augmentation)({
  name: 'sequence',
  doc: 'Several augmentations one after the other, as one.',
  source: 'torchvision.transforms.Compose',
  fields: { augmentations: required(augmentations, 'what is applied, in this order') },
  main: 'augmentations',
  build: ({ augmentations: parts }) => inOrder(parts),
})
