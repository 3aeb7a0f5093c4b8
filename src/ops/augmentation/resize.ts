import { define } from '../../dsl/op'
import { choice, integer, optional, required } from '../../dsl/type'
import { shortSide } from '../../image/crop'
import { resize as resizeTo } from '../../image/resize'
import { augmentation } from './kind'

export const resize = define(augmentation)({
  name: 'resize',
  doc: 'Resizes the picture so that its shorter side has a given length; its proportions stay.',
  source: 'torchvision.transforms.Resize with one number',
  fields: {
    size: required(integer(1, 16_384), 'length of the shorter side in pixels'),
    interpolation: optional(choice('bicubic', 'bilinear'), 'bicubic', 'how pixels between pixels are made'),
  },
  main: 'size',
  build: ({ size, interpolation }) => ({
    size: (before) => before && shortSide(size)(before),
    draw: (_draw, { height, width, channels }) => {
      const [h, w] = shortSide(size)([height, width])
      return {
        steps: [
          {
            name: 'resize',
            parameters: { size: [h, w], interpolation },
            apply: resizeTo({ size: [h, w], interpolation }),
            paint: (canvas) => canvas.resize({ size: [h, w], interpolation }),
          },
        ],
        shape: { height: h, width: w, channels },
      }
    },
  }),
})
