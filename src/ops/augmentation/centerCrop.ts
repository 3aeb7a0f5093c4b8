import { define } from '../../dsl/op'
import { required } from '../../dsl/type'
import { centerCrop as cropCenter } from '../../image/crop'
import { augmentation } from './kind'
import { asWritten, squareOrSize } from './side'

export const centerCrop = define(augmentation)({
  name: 'centerCrop',
  doc: 'The middle of the picture; black where it is smaller.',
  source: 'torchvision.transforms.CenterCrop',
  fields: { size: required(squareOrSize, 'side of the square in pixels, or [height, width]') },
  example: { size: 224 },
  main: 'size',
  build: ({ size }) => ({
    size: () => size,
    draw: (_draw, { channels }) => ({
      steps: [{ name: 'centerCrop', parameters: { size: asWritten(size) }, apply: cropCenter(size) }],
      shape: { height: size[0], width: size[1], channels },
    }),
  }),
})
