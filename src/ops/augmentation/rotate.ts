import { define } from '../../dsl/op'
import { choice, optional, required } from '../../dsl/type'
import type { Fill } from '../../image/affine'
import type { Interpolation } from '../../image/filter'
import { rotate as turn } from '../../image/rotate'
import { degreesAmount, drawnAmount } from './amount'
import { fillColor } from './fill'
import { augmentation, type Drawn } from './kind'

/** The picture turned counterclockwise. */
export const rotateBy = (degrees: number, how: { readonly interpolation: Interpolation; readonly fill: Fill }): Drawn => ({
  name: 'rotate',
  parameters: { degrees, ...how },
  apply: turn(degrees, how),
})

export const rotate = define(augmentation)({
  name: 'rotate',
  doc: 'Turns the picture around its middle by a random angle, counterclockwise; its size stays, so that corners are cut off and filled.',
  source: 'Pillow Image.rotate; torchvision.transforms.RandomRotation',
  fields: {
    degrees: required(degreesAmount, 'how far the angle may be from 0, at most 180, or the range [low, high]'),
    interpolation: optional(choice('bicubic', 'bilinear'), 'bicubic', 'how pixels between pixels are made'),
    fill: optional(fillColor, 0, 'what stands where the picture is turned away: a value, or [red, green, blue]'),
  },
  main: 'degrees',
  build: ({ degrees, interpolation, fill }) =>
    drawnAmount((angle, { channels }) => rotateBy(angle, { interpolation, fill: fill(channels) }), 0)(degrees),
})
