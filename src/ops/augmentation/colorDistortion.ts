import { define } from '../../dsl/op'
import { optional, probability } from '../../dsl/type'
import { factorAmount, turnAmount } from './amount'
import { jitter } from './colorJitter'
import { gray } from './grayscale'
import { augmentation, inOrder } from './kind'
import { withChance } from './sometimes'

export const colorDistortion = define(augmentation)({
  name: 'colorDistortion',
  doc: "Colours as DINO and iBOT distort them in every view: most often jittered, sometimes taken away. Short for 'colorJitter' and 'grayscale', each with its p.",
  source: 'flip_and_color_jitter of the reference implementation, without the flip; SimCLR (arXiv 2002.05709, appendix A)',
  fields: {
    jitter: optional(probability, 0.8, 'how likely colours are jittered'),
    brightness: optional(factorAmount, 0.4, 'how far its factor may be from 1, or the range [low, high]'),
    contrast: optional(factorAmount, 0.4, 'how far its factor may be from 1, or the range [low, high]'),
    saturation: optional(factorAmount, 0.2, 'how far its factor may be from 1, or the range [low, high]'),
    hue: optional(turnAmount, 0.1, 'how far its turn may be from 0, at most 0.5, or the range [low, high]'),
    grayscale: optional(probability, 0.2, 'how likely colours are taken away after that'),
  },
  build: ({ jitter: jittered, grayscale: greyed, ...amounts }) =>
    inOrder([withChance(jittered, [jitter(amounts)]), withChance(greyed, [gray])]),
})
