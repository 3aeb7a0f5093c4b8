/** Masks: which patches of a view the student does not see. */
import type { Random } from '../../base/random'
import { kind, op } from '../../dsl/type'

export interface Grid {
  readonly height: number
  readonly width: number
}

/** Draws a mask for one view: height × width cells, row by row, 1 where the patch is hidden. `epoch` counts from 0. */
export interface Mask {
  (draw: Random, grid: Grid, epoch: number): Uint8Array
  /** No more patches than these are ever hidden in so many epochs (infinite where that isn't known); by default all may be. */
  readonly most?: (grid: Grid, epochs: number) => number
}

/** A mask that says how many patches it can hide. */
export const atMost = (most: NonNullable<Mask['most']>, draw: Mask): Mask =>
  Object.assign((...args: Parameters<Mask>) => draw(...args), { most })

/** How many patches a mask can hide. */
export const mostOf = (mask: Mask, grid: Grid, epochs: number): number => mask.most?.(grid, epochs) ?? cells(grid)

export const mask = kind<Mask>()({ name: 'mask', article: 'a mask' })
/** The type of a field that takes a mask. */
export const anyMask = op(mask)

export const cells = (grid: Grid): number => grid.height * grid.width
