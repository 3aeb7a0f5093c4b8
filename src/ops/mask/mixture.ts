import { define } from '../../dsl/op'
import { list, maybe, nonNegative, required } from '../../dsl/type'
import { anyMask, atMost, mask, mostOf } from './kind'

/** The index whose share of [0, 1), in proportion to the weights, holds `u`. */
const pick = (weights: readonly number[], u: number): number => {
  const total = weights.reduce((sum, w) => sum + w, 0)
  let left = u * total
  for (const [i, weight] of weights.entries()) {
    if (left < weight) return i
    left -= weight
  }
  return weights.length - 1
}

export const mixture = define(mask)({
  name: 'mixture',
  doc: 'Picks one of several masks anew for every view, each as likely as its weight.',
  source: 'iBOT §4.1: the prediction ratio is 0 or in [0.1, 0.5], with equal chance; a list of ratios in pred_ratio',
  fields: {
    masks: required(list(anyMask), 'the masks to pick from'),
    weights: maybe(list(nonNegative), 'how likely each is, in proportion; by default all alike'),
  },
  main: 'masks',
  example: ['none', { block: { ratio: [0.1, 0.5] } }],
  refine: ({ masks, weights }) =>
    weights === undefined
      ? []
      : weights.length !== masks.length
        ? [{ path: ['weights'], message: `expected ${masks.length} weights, one a mask, got ${weights.length}` }]
        : weights.every((w) => w === 0)
          ? [{ path: ['weights'], message: 'expected at least one weight above 0' }]
          : [],
  build: ({ masks, weights = masks.map(() => 1) }) =>
    atMost(
      (grid, epochs) => Math.max(...masks.map((one, i) => (weights[i]! > 0 ? mostOf(one, grid, epochs) : 0))),
      (draw, grid, epoch) => masks[pick(weights, draw.uniform())]!(draw, grid, epoch),
    ),
})
