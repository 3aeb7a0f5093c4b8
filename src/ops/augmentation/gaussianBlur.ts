import { define } from '../../dsl/op'
import { optional, rangeWithin } from '../../dsl/type'
import { gaussianBlur as blur } from '../../image/blur'
import { augmentation, pointwise } from './kind'

export const gaussianBlur = define(augmentation)({
  name: 'gaussianBlur',
  doc: 'Blurs with a random radius.',
  source: 'Pillow ImageFilter.GaussianBlur; iBOT takes p 1 for the first global view, 0.1 for the others, 0.5 for local ones',
  fields: { radius: optional(rangeWithin(0, 1000), [0.1, 2], 'standard deviation in pixels: [low, high]') },
  main: 'radius',
  build: ({ radius: [low, high] }) =>
    pointwise((draw) => {
      const radius = draw.between(low, high)
      return { name: 'gaussianBlur', parameters: { radius }, apply: blur(radius), paint: (canvas) => canvas.gaussianBlur(radius) }
    }),
})
