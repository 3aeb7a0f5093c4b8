import { define } from '../../dsl/op'
import { required } from '../../dsl/type'
import { adjustBrightness } from '../../image/color'
import { colorStep, factorAmount } from './amount'
import { augmentation } from './kind'

/** Draws the change of brightness. */
export const drawBrightness = colorStep(
  'brightness',
  adjustBrightness,
  (amount) => (canvas) => canvas.adjustBrightness(amount),
  1,
)

export const brightness = define(augmentation)({
  name: 'brightness',
  doc: "Multiplies the picture's light by a random factor.",
  source: 'torchvision.transforms.ColorJitter, brightness alone',
  fields: { amount: required(factorAmount, 'how far the factor may be from 1, or its range [low, high]') },
  main: 'amount',
  build: ({ amount }) => drawBrightness(amount),
})
