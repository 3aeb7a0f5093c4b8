import { define } from '../../dsl/op'
import { required } from '../../dsl/type'
import { adjustSaturation } from '../../image/color'
import { byAmount, drawnAmount, factorAmount } from './amount'
import { augmentation } from './kind'

/** All distances from the pixels' own grey multiplied by `amount`. */
export const saturationBy = byAmount('saturation', adjustSaturation, (canvas, amount) => canvas.adjustSaturation(amount))

/** Draws the change of saturation. */
export const drawSaturation = drawnAmount(saturationBy, 1)

export const saturation = define(augmentation)({
  name: 'saturation',
  doc: 'Moves every pixel away from, or towards, its own grey, by a random factor; nothing on grey pictures.',
  source: 'torchvision.transforms.ColorJitter, saturation alone',
  fields: { amount: required(factorAmount, 'how far the factor may be from 1, or its range [low, high]') },
  main: 'amount',
  build: ({ amount }) => drawSaturation(amount),
})
