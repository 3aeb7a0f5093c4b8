import { define } from '../../dsl/op'
import { choice, optional, rangeWithin, required } from '../../dsl/type'
import { resizedCropBox } from '../../image/crop'
import { resize } from '../../image/resize'
import { augmentation } from './kind'
import { asWritten, squareOrSize } from './side'

export const randomResizedCrop = define(augmentation)({
  name: 'randomResizedCrop',
  doc: 'A rectangle of random area, shape and place, resized to one size.',
  equation: 'area ~ U(scale) · height · width, width/height ~ exp U(ln ratio), ten tries',
  source: 'torchvision.transforms.RandomResizedCrop, bit for bit; the crops of multi-crop (SwAV, arXiv 2006.09882)',
  fields: {
    size: required(squareOrSize, 'side of the square in pixels, or [height, width]'),
    scale: optional(rangeWithin(0, 1), [0.08, 1], "share of the picture's area that is cut out: [low, high]"),
    ratio: optional(rangeWithin(0.01, 100), [3 / 4, 4 / 3], 'width over height of what is cut out: [low, high]'),
    interpolation: optional(choice('bicubic', 'bilinear'), 'bicubic', 'how pixels between pixels are made'),
  },
  example: { size: 224 },
  build: ({ size, scale, ratio, interpolation }) => ({
    size: () => size,
    draw: (draw, { height, width, channels }) => {
      const box = resizedCropBox(draw, [height, width], scale, ratio)
      const resizing = { box, size, interpolation }
      return {
        steps: [
          {
            name: 'resizedCrop',
            parameters: { box, size: asWritten(size), interpolation },
            apply: resize(resizing),
            paint: (canvas) => canvas.resize(resizing),
          },
        ],
        shape: { height: size[0], width: size[1], channels },
      }
    },
  }),
})
