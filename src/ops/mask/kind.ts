/** Masks: which patches of a view the student does not see. */
import type { Random } from '../../base/random'
import { kind, op } from '../../dsl/type'

export interface Grid {
  readonly height: number
  readonly width: number
}

/** Draws a mask for one view: height × width cells, row by row, 1 where the patch is hidden. `epoch` counts from 0. */
export type Mask = (draw: Random, grid: Grid, epoch: number) => Uint8Array

export const mask = kind<Mask>()({ name: 'mask', article: 'a mask' })
/** The type of a field that takes a mask. */
export const anyMask = op(mask)

export const cells = (grid: Grid): number => grid.height * grid.width
