import { shuffle } from '../../base/random'
import { define } from '../../dsl/op'
import { optional } from '../../dsl/type'
import { type Amount, factorAmount, turnAmount } from './amount'
import { drawBrightness } from './brightness'
import { drawContrast } from './contrast'
import { drawHue } from './hue'
import { type Augmentation, augmentation, inOrder } from './kind'
import { drawSaturation } from './saturation'

export interface Jitter {
  readonly brightness: Amount
  readonly contrast: Amount
  readonly saturation: Amount
  readonly hue: Amount
}

/** Four changes of colour in an order that is drawn. */
export const jitter = ({ brightness, contrast, saturation, hue }: Jitter): Augmentation => {
  const parts = [drawBrightness(brightness), drawContrast(contrast), drawSaturation(saturation), drawHue(hue)]
  return { size: (before) => before, draw: (draw, shape) => inOrder(shuffle(draw, [...parts])).draw(draw, shape) }
}

export const colorJitter = define(augmentation)({
  name: 'colorJitter',
  doc: 'Brightness, contrast, saturation and hue changed by random amounts, in an order that is drawn too.',
  source: 'torchvision.transforms.ColorJitter; iBOT takes (0.4, 0.4, 0.2, 0.1) with p 0.8',
  fields: {
    brightness: optional(factorAmount, 0, 'how far its factor may be from 1, or the range [low, high]'),
    contrast: optional(factorAmount, 0, 'how far its factor may be from 1, or the range [low, high]'),
    saturation: optional(factorAmount, 0, 'how far its factor may be from 1, or the range [low, high]'),
    hue: optional(turnAmount, 0, 'how far its turn may be from 0, at most 0.5, or the range [low, high]'),
  },
  build: jitter,
})
