import type { Random } from '../../base/random'
import { define } from '../../dsl/op'
import { numberIn, optional, rangeWithin, required } from '../../dsl/type'
import { roundHalfEven } from '../../image/round'
import { atMost, cells, type Grid, mask } from './kind'

const TRIES = 10

interface Rectangle {
  readonly top: number
  readonly left: number
  readonly height: number
  readonly width: number
}

/** Draws a rectangle whose area lies between the smallest useful one and `room`; undefined if it doesn't fit the grid. */
const drawRectangle = (draw: Random, grid: Grid, room: number, minAspect: number): Rectangle | undefined => {
  const smallest = Math.floor(Math.min(grid.height, grid.width) / 3) ** 2
  const area = draw.between(smallest, room)
  const aspect = Math.exp(draw.between(Math.log(minAspect), Math.log(1 / minAspect)))
  const height = roundHalfEven(Math.sqrt(area * aspect))
  const width = roundHalfEven(Math.sqrt(area / aspect))
  if (height >= grid.height || width >= grid.width) return undefined
  return { top: draw.integer(grid.height - height + 1), left: draw.integer(grid.width - width + 1), height, width }
}

/** The cells of a rectangle that are not hidden yet. */
const newCells = (hidden: Uint8Array, grid: Grid, { top, left, height, width }: Rectangle): readonly number[] => {
  const found: number[] = []
  for (let y = top; y < top + height; y++)
    for (let x = left; x < left + width; x++) if (hidden[y * grid.width + x] === 0) found.push(y * grid.width + x)
  return found
}

export const block = define(mask)({
  name: 'block',
  doc: 'Hides rectangles until a share of the patches, drawn from a range of ratios, is covered; never more than that.',
  equation: 'height/width ~ exp U(ln aspect, ln 1/aspect); area ~ U(⌊min(H, W)/3⌋², cells still to hide)',
  source: 'BEiT (arXiv 2106.08254, Algorithm 1); iBOT §4.1 (blockwise masking); pred_shape block of the reference implementation',
  fields: {
    ratio: required(rangeWithin(0, 1), 'share of the patches that is hidden: one number, or [low, high]'),
    aspect: optional(numberIn(0.01, 1), 0.3, 'lowest ratio of height to width of a rectangle; its inverse is the highest'),
  },
  build: ({ ratio: [low, high], aspect }) =>
    // A rectangle is smaller than the grid on both sides.
    atMost(
      (grid) => (Math.min(grid.height, grid.width) < 2 ? 0 : Math.floor(high * cells(grid))),
      (draw, grid) => {
        const target = draw.between(low, high) * cells(grid)
        const hidden = new Uint8Array(cells(grid))
        let count = 0
        while (count < target) {
          let added = 0
          for (let attempt = 0; attempt < TRIES && added === 0; attempt++) {
            const rectangle = drawRectangle(draw, grid, target - count, aspect)
            const fresh = rectangle === undefined ? [] : newCells(hidden, grid, rectangle)
            if (fresh.length > target - count) continue
            for (const cell of fresh) hidden[cell] = 1
            added = fresh.length
          }
          if (added === 0) break
          count += added
        }
        return hidden
      },
    ),
})
