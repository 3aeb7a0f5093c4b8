import type { Random } from '../../base/random'
import { define } from '../../dsl/op'
import { required } from '../../dsl/type'
import { augmentation, augmentations, commonSize, inOrder } from './kind'

/** The items in an order that is drawn, each order as likely as the others. */
export const shuffled = <A>(draw: Random, items: readonly A[]): readonly A[] => {
  const order = [...items]
  for (let i = order.length - 1; i > 0; i--) {
    const j = draw.integer(i + 1)
    const kept = order[i]!
    order[i] = order[j]!
    order[j] = kept
  }
  return order
}

export const randomOrder = define(augmentation)({
  name: 'randomOrder',
  doc: 'All of several augmentations, in an order that is drawn for every view.',
  source: 'torchvision.transforms.RandomOrder',
  fields: { augmentations: required(augmentations, 'what is applied') },
  main: 'augmentations',
  build: ({ augmentations: parts }) => ({
    size: (before) => commonSize([inOrder(parts), inOrder([...parts].reverse())], before),
    draw: (draw, shape) => inOrder(shuffled(draw, parts)).draw(draw, shape),
  }),
})
