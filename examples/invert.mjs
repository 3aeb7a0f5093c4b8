// An augmentation of one's own: ibot run FILE --ops examples/invert.mjs
import { augmentation, define, point, pointTable, pointwise } from 'ibot/define/data'

export const invert = define(augmentation)({
  name: 'invert',
  doc: 'Turns light into dark: every value becomes 255 minus itself.',
  source: 'torchvision.transforms.functional.invert',
  fields: {},
  build: () => pointwise(() => ({ name: 'invert', parameters: {}, apply: point(pointTable((x) => 255 - x)) })),
})
