/** Losses on hidden patches, and whether the masks of a pipeline ever hide one. */
import { type Grid, type Mask, mostOf } from '../ops/mask/kind'
import type { Loss } from '../ops/slots'
import type { BuiltStage } from './stages'

/** The patches of a view of so many pixels, each `stride` pixels along a side. */
export const gridOf = ([height, width]: readonly [number, number], stride: number): Grid => ({
  height: Math.floor(height / stride),
  width: Math.floor(width / stride),
})

/** The names, quoted, of the losses on hidden patches, if the masks hide none in so many epochs. */
export const neverMasked = (losses: readonly BuiltStage<Loss>[], masks: Mask, grid: Grid, epochs: number): readonly string[] =>
  mostOf(masks, grid, epochs) > 0 ? [] : losses.filter(({ needs }) => needs.includes('mask')).map(({ name }) => `'${name}'`)
