import { define } from '../../dsl/op'
import { flipHorizontal } from '../../image/flip'
import { augmentation, pointwise } from './kind'

export const horizontalFlip = define(augmentation)({
  name: 'horizontalFlip',
  doc: 'Mirrors left and right; write `{ p: 0.5 }` for a coin toss.',
  source: 'torchvision.transforms.functional.hflip',
  fields: {},
  build: () =>
    pointwise(() => ({
      name: 'horizontalFlip',
      parameters: {},
      apply: flipHorizontal,
      paint: (canvas) => canvas.flipHorizontal(),
    })),
})
