import { define } from '../../dsl/op'
import { required } from '../../dsl/type'
import { adjustContrast } from '../../image/color'
import { byAmount, drawnAmount, factorAmount } from './amount'
import { augmentation } from './kind'

/** All distances from the picture's mean grey multiplied by `amount`. */
export const contrastBy = byAmount('contrast', adjustContrast, (canvas, amount) => canvas.adjustContrast(amount))

/** Draws the change of contrast. */
export const drawContrast = drawnAmount(contrastBy, 1)

export const contrast = define(augmentation)({
  name: 'contrast',
  doc: 'Moves every pixel away from, or towards, the mean grey of the picture, by a random factor.',
  source: 'torchvision.transforms.ColorJitter, contrast alone',
  fields: { amount: required(factorAmount, 'how far the factor may be from 1, or its range [low, high]') },
  main: 'amount',
  build: ({ amount }) => drawContrast(amount),
})
