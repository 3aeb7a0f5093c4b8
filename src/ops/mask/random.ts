import { define } from '../../dsl/op'
import { rangeWithin, required } from '../../dsl/type'
import { atMost, cells, mask } from './kind'

export const random = define(mask)({
  name: 'random',
  doc: 'Hides patches chosen independently of each other: a number of them drawn from a range of ratios.',
  equation: '⌊ratio · height · width⌋ cells, ratio ~ U(low, high)',
  source: 'iBOT §3 (random MIM); pred_shape rand of the reference implementation',
  fields: { ratio: required(rangeWithin(0, 1), 'share of the patches that is hidden: one number, or [low, high]') },
  build: ({ ratio: [low, high] }) =>
    atMost(
      (grid) => Math.floor(high * cells(grid)),
      (draw, grid) => {
        const count = Math.floor(draw.between(low, high) * cells(grid))
        const hidden = new Uint8Array(cells(grid))
        const order = Array.from(hidden.keys())
        for (let i = 0; i < count; i++) {
          const j = i + draw.integer(order.length - i)
          hidden[order[j]!] = 1
          order[j] = order[i]!
        }
        return hidden
      },
    ),
})
