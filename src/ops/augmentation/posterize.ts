import { define } from '../../dsl/op'
import { integer, required } from '../../dsl/type'
import { posterize as keepBits, posterizeTable } from '../../image/posterize'
import { augmentation, type Drawn, pointwise } from './kind'

/** All values with their highest `bits` alone. */
export const posterizeTo = (bits: number): Drawn => ({
  name: 'posterize',
  parameters: { bits },
  apply: keepBits(bits),
  paint: (canvas) => canvas.point(posterizeTable(bits)),
})

export const posterize = define(augmentation)({
  name: 'posterize',
  doc: 'Keeps the highest bits of every value, so that fewer levels are left.',
  source: 'Pillow ImageOps.posterize; torchvision.transforms.RandomPosterize',
  fields: { bits: required(integer(1, 8), 'how many bits of a value are kept') },
  main: 'bits',
  example: { bits: 4 },
  build: ({ bits }) => pointwise(() => posterizeTo(bits)),
})
