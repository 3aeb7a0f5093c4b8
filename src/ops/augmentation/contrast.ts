import { define } from '../../dsl/op'
import { required } from '../../dsl/type'
import { adjustContrast } from '../../image/color'
import { colorStep, factorAmount } from './amount'
import { augmentation } from './kind'

/** Draws the change of contrast. */
export const drawContrast = colorStep('contrast', adjustContrast, (amount) => (canvas) => canvas.adjustContrast(amount), 1)

export const contrast = define(augmentation)({
  name: 'contrast',
  doc: 'Moves every pixel away from, or towards, the mean grey of the picture, by a random factor.',
  source: 'torchvision.transforms.ColorJitter, contrast alone',
  fields: { amount: required(factorAmount, 'how far the factor may be from 1, or its range [low, high]') },
  main: 'amount',
  build: ({ amount }) => drawContrast(amount),
})
