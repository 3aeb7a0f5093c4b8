import { define } from '../../dsl/op'
import { cells, mask } from './kind'

export const none = define(mask)({
  name: 'none',
  doc: 'Hides nothing.',
  fields: {},
  build: () => (_draw, grid) => new Uint8Array(cells(grid)),
})
