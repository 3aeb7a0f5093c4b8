import { define } from '../../dsl/op'
import { required } from '../../dsl/type'
import { adjustHue } from '../../image/color'
import { byAmount, drawnAmount, turnAmount } from './amount'
import { augmentation } from './kind'

/** The colour wheel turned by `amount` of a full turn. */
export const hueBy = byAmount('hue', adjustHue, (canvas, amount) => canvas.adjustHue(amount))

/** Draws the change of hue. */
export const drawHue = drawnAmount(hueBy, 0)

export const hue = define(augmentation)({
  name: 'hue',
  doc: 'Turns the colour wheel by a random share of a full turn; nothing on grey pictures.',
  source: 'torchvision.transforms.ColorJitter, hue alone',
  fields: { amount: required(turnAmount, 'how far the turn may be from 0, at most 0.5, or its range [low, high]') },
  main: 'amount',
  build: ({ amount }) => drawHue(amount),
})
