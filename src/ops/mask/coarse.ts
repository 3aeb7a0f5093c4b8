import { define } from '../../dsl/op'
import { integer, required } from '../../dsl/type'
import { anyMask, atMost, cells, mask, mostOf } from './kind'

export const coarse = define(mask)({
  name: 'coarse',
  doc: 'Draws a mask over cells of several patches a side, so that patches are hidden in squares.',
  source: 'SimMIM (arXiv 2111.09886, §3.2): squares of 32 × 32 pixels whatever the patch',
  fields: {
    size: required(integer(1), 'patches along a side of a cell; the cells that fit whole are drawn, the rest stays visible'),
    mask: required(anyMask, 'the mask that is drawn over the cells'),
  },
  build: ({ size, mask: inner }) =>
    atMost(
      (grid, epochs) =>
        size * size * mostOf(inner, { height: Math.floor(grid.height / size), width: Math.floor(grid.width / size) }, epochs),
      (draw, grid, epoch) => {
        const wide = { height: Math.floor(grid.height / size), width: Math.floor(grid.width / size) }
        const chosen = inner(draw, wide, epoch)
        const hidden = new Uint8Array(cells(grid))
        for (let y = 0; y < wide.height * size; y++)
          for (let x = 0; x < wide.width * size; x++)
            hidden[y * grid.width + x] = chosen[Math.floor(y / size) * wide.width + Math.floor(x / size)]!
        return hidden
      },
    ),
})
