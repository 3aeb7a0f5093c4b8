import { define } from '../../dsl/op'
import { grayscale as toGrayscale } from '../../image/color'
import { type Augmentation, augmentation, pointwise } from './kind'

/** Colours taken away. */
export const gray: Augmentation = pointwise(() => ({
  name: 'grayscale',
  parameters: {},
  apply: toGrayscale,
  paint: (canvas) => canvas.grayscale(),
}))

export const grayscale = define(augmentation)({
  name: 'grayscale',
  doc: 'Takes the colours away; the number of channels stays.',
  equation: '(19595 R + 38470 G + 7471 B) / 65536',
  source: 'torchvision.transforms.Grayscale; iBOT takes p 0.2',
  fields: {},
  build: () => gray,
})
