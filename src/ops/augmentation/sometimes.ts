import { define } from '../../dsl/op'
import { probability, required } from '../../dsl/type'
import { type Augmentation, augmentation, augmentations, commonSize, inOrder } from './kind'

/** Augmentations that are applied, all or none, with probability p. */
export const withChance = (p: number, parts: readonly Augmentation[]): Augmentation => {
  const whole = inOrder(parts)
  const nothing = inOrder([])
  return {
    finishes: whole.finishes,
    size: (before) => (p === 1 ? whole.size(before) : p === 0 ? before : commonSize([whole, nothing], before)),
    // One draw whatever p is, so that what follows doesn't change when p does.
    draw: (draw, shape) => (draw.uniform() < p ? whole : nothing).draw(draw, shape),
  }
}

export const sometimes = define(augmentation)({
  name: 'sometimes',
  doc: 'Augmentations that are applied, all or none, with some probability; `p` on an augmentation is short for it.',
  source: 'torchvision.transforms.RandomApply',
  fields: {
    p: required(probability, 'how likely they are applied'),
    augmentations: required(augmentations, 'what is applied then, in this order'),
  },
  build: ({ p, augmentations: parts }) => withChance(p, parts),
})
