import { define } from '../../dsl/op'
import { choice, optional, required } from '../../dsl/type'
import { shortSide } from '../../image/crop'
import { resize as resizeTo } from '../../image/resize'
import { augmentation } from './kind'
import { shorterSideOrSize } from './side'

export const resize = define(augmentation)({
  name: 'resize',
  doc: 'Resizes the picture: its shorter side to a given length, so that its proportions stay, or to a height and a width.',
  source: 'torchvision.transforms.Resize',
  fields: {
    size: required(shorterSideOrSize, 'length of the shorter side in pixels, or [height, width]'),
    interpolation: optional(choice('bicubic', 'bilinear'), 'bicubic', 'how pixels between pixels are made'),
  },
  main: 'size',
  example: { size: 256 },
  build: ({ size, interpolation }) => ({
    size: (before) => (typeof size === 'number' ? before && shortSide(size)(before) : size),
    draw: (_draw, { height, width, channels }) => {
      const [h, w] = typeof size === 'number' ? shortSide(size)([height, width]) : size
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
