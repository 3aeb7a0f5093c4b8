import { define } from '../../src/dsl/op'
import { point, pointTable } from '../../src/image/point'
import { augmentation, pointwise } from '../../src/ops/augmentation/kind'

export const invert = define(augmentation)({
  name: 'invert',
  doc: 'Turns light into dark: every value becomes 255 minus itself.',
  source: 'torchvision.transforms.functional.invert',
  fields: {},
  build: () => pointwise(() => ({ name: 'invert', parameters: {}, apply: point(pointTable((x) => 255 - x)) })),
})
