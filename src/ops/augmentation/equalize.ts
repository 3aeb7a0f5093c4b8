import { define } from '../../dsl/op'
import { equalizeTable, equalize as spread } from '../../image/equalize'
import { augmentation, type Drawn, pointwise } from './kind'

/** Every channel with an even histogram. */
export const equalized: Drawn = {
  name: 'equalize',
  parameters: {},
  apply: spread,
  paint: (canvas) => canvas.pointChannels(canvas.histograms().map(equalizeTable)),
}

export const equalize = define(augmentation)({
  name: 'equalize',
  doc: 'Spreads the values of each channel so that all are about equally frequent: histogram equalisation.',
  source: 'Pillow ImageOps.equalize; torchvision.transforms.RandomEqualize',
  fields: {},
  build: () => pointwise(() => equalized),
})
