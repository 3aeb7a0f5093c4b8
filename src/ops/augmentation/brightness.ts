import { define } from '../../dsl/op'
import { required } from '../../dsl/type'
import { adjustBrightness } from '../../image/color'
import { byAmount, drawnAmount, factorAmount } from './amount'
import { augmentation } from './kind'

/** All light multiplied by `amount`. */
export const brightnessBy = byAmount('brightness', adjustBrightness, (canvas, amount) => canvas.adjustBrightness(amount))

/** Draws the change of brightness. */
export const drawBrightness = drawnAmount(brightnessBy, 1)

export const brightness = define(augmentation)({
  name: 'brightness',
  doc: "Multiplies the picture's light by a random factor.",
  source: 'torchvision.transforms.ColorJitter, brightness alone',
  fields: { amount: required(factorAmount, 'how far the factor may be from 1, or its range [low, high]') },
  main: 'amount',
  build: ({ amount }) => drawBrightness(amount),
})
