import * as TE from 'fp-ts/TaskEither'
import { define } from '../../dsl/op'
import { integer, optional } from '../../dsl/type'
import { shapes as draw } from '../../io/shapes'
import { channels, source } from './kind'

export const shapes = define(source)({
  name: 'shapes',
  doc: 'Drawn shapes whose kind is the class: needs no files, for tests and for trying a pipeline out.',
  fields: {
    count: optional(integer(1, 10_000_000), 600, 'number of pictures'),
    size: optional(integer(8, 4096), 32, 'height and width in pixels'),
    seed: optional(integer(0), 0, 'another seed draws other pictures'),
    channels: optional(channels, 3, '3 for colour, 1 for grey'),
  },
  build: (options) => () => TE.right(draw(options)),
})
