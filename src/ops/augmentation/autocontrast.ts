import { define } from '../../dsl/op'
import { autocontrastTable, autocontrast as stretch } from '../../image/autocontrast'
import { augmentation, type Drawn, pointwise } from './kind'

/** Every channel stretched to the whole range. */
export const stretched: Drawn = {
  name: 'autocontrast',
  parameters: {},
  apply: stretch,
  paint: (canvas) => canvas.pointChannels(canvas.histograms().map(autocontrastTable)),
}

export const autocontrast = define(augmentation)({
  name: 'autocontrast',
  doc: 'Stretches the values of each channel to the whole range, so that the darkest becomes 0 and the lightest 255.',
  source: 'Pillow ImageOps.autocontrast; torchvision.transforms.RandomAutocontrast',
  fields: {},
  build: () => pointwise(() => stretched),
})
