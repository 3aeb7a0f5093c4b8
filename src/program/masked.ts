/** Losses on hidden patches, and whether the masks of a pipeline ever hide one. */
import { random } from '../base/random'
import { type Grid, type Mask, mostOf } from '../ops/mask/kind'
import type { Span } from '../ops/schedule/kind'
import type { Backbone, Loss } from '../ops/slots'
import type { BuiltStage } from './stages'

/** The patches of a view of so many pixels, each `stride` pixels along a side. */
export const gridOf = ([height, width]: readonly [number, number], stride: number): Grid => ({
  height: Math.floor(height / stride),
  width: Math.floor(width / stride),
})

const onHidden = (losses: readonly BuiltStage<Loss>[]): readonly string[] =>
  losses.filter(({ needs }) => needs.includes('mask')).map(({ name }) => `'${name}'`)

/** The names, quoted, of the losses on hidden patches, if the masks hide none in so many epochs. */
export const neverMasked = (losses: readonly BuiltStage<Loss>[], masks: Mask, grid: Grid, epochs: number): readonly string[] =>
  mostOf(masks, grid, epochs) > 0 ? [] : onHidden(losses)

/** How many masks are drawn to see whether any hides a patch. */
export const MASKS_DRAWN = 2048

/** What decides how much is hidden. */
interface Masked {
  readonly masking: BuiltStage<Mask> | undefined
  readonly losses: readonly BuiltStage<Loss>[]
  /** Of the views, global ones first. */
  readonly sizes: readonly (readonly [number, number])[]
  readonly backbone: BuiltStage<Backbone>
}

/**
 * The names, quoted, of the losses on hidden patches, if the masks can hide some in a run, but so seldom that none of many masks
 * does which are drawn for all of its epochs.
 */
export const seldomMasked = ({ masking, losses, sizes, backbone }: Masked, { steps, stepsPerEpoch }: Span): readonly string[] => {
  if (masking === undefined) return []
  const mask = masking.meaning
  const grid = gridOf(sizes[0]!, backbone.meaning.stride)
  const epochs = Math.ceil(steps / stepsPerEpoch)
  const asking = onHidden(losses)
  if (asking.length === 0 || mostOf(mask, grid, epochs) === 0) return []
  for (let i = 0; i < MASKS_DRAWN; i++)
    if (mask(random('masks', i), grid, Math.floor((i * epochs) / MASKS_DRAWN)).includes(1)) return []
  return asking
}
