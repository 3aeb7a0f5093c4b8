import { define } from '../../dsl/op'
import { integer, required } from '../../dsl/type'
import { anyMask, atMost, cells, mask, mostOf } from './kind'

export const startingAt = define(mask)({
  name: 'startingAt',
  doc: 'Hides nothing in the first epochs, then as another mask says.',
  source: 'pred_start_epoch of the reference implementation',
  fields: {
    epoch: required(integer(0), 'the first epoch with masks; epochs count from 0'),
    mask: required(anyMask, 'the mask from then on'),
  },
  build: ({ epoch: start, mask: inner }) =>
    atMost(
      (grid, epochs) => (epochs <= start ? 0 : mostOf(inner, grid, epochs)),
      (draw, grid, epoch) => (epoch < start ? new Uint8Array(cells(grid)) : inner(draw, grid, epoch)),
    ),
})
