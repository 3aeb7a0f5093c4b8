import { define } from '../../dsl/op'
import { required } from '../../dsl/type'
import { adjustHue } from '../../image/color'
import { colorStep, turnAmount } from './amount'
import { augmentation } from './kind'

/** Draws the change of hue. */
export const drawHue = colorStep('hue', adjustHue, (amount) => (canvas) => canvas.adjustHue(amount), 0)

export const hue = define(augmentation)({
  name: 'hue',
  doc: 'Turns the colour wheel by a random share of a full turn; nothing on grey pictures.',
  source: 'torchvision.transforms.ColorJitter, hue alone',
  fields: { amount: required(turnAmount, 'how far the turn may be from 0, at most 0.5, or its range [low, high]') },
  main: 'amount',
  build: ({ amount }) => drawHue(amount),
})
