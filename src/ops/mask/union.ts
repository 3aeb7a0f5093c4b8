import { define } from '../../dsl/op'
import { list, required } from '../../dsl/type'
import { anyMask, atMost, cells, mask, mostOf } from './kind'

export const union = define(mask)({
  name: 'union',
  doc: 'Hides what any of several masks hides.',
  fields: { masks: required(list(anyMask), 'the masks that are laid over each other') },
  main: 'masks',
  build: ({ masks }) =>
    atMost(
      (grid, epochs) =>
        Math.min(
          cells(grid),
          masks.reduce((sum, one) => sum + mostOf(one, grid, epochs), 0),
        ),
      (draw, grid, epoch) => {
        const hidden = new Uint8Array(cells(grid))
        for (const one of masks) for (const [cell, on] of one(draw, grid, epoch).entries()) if (on === 1) hidden[cell] = 1
        return hidden
      },
    ),
})
