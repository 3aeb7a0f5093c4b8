import { define } from '../../dsl/op'
import { integer, required } from '../../dsl/type'
import { centerCrop as cropCenter } from '../../image/crop'
import { augmentation } from './kind'

export const centerCrop = define(augmentation)({
  name: 'centerCrop',
  doc: 'The middle of the picture, a square.',
  source: 'torchvision.transforms.CenterCrop',
  fields: { size: required(integer(1, 16_384), 'side of the square in pixels') },
  main: 'size',
  build: ({ size }) => ({
    size: () => [size, size],
    draw: (_draw, { channels }) => ({
      steps: [{ name: 'centerCrop', parameters: { size }, apply: cropCenter(size) }],
      shape: { height: size, width: size, channels },
    }),
  }),
})
