import { define } from '../../dsl/op'
import { atMost, cells, mask } from './kind'

export const none = define(mask)({
  name: 'none',
  doc: 'Hides nothing.',
  fields: {},
  build: () =>
    atMost(
      () => 0,
      (_draw, grid) => new Uint8Array(cells(grid)),
    ),
})
