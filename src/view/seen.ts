/** A picture as the networks see it: its views and what is hidden in them, by the draws of training. */
import type { Picture } from '../image/picture'
import { applyAll, type Drawn } from '../ops/augmentation/kind'
import type { Grid } from '../ops/mask/kind'
import type { View } from '../ops/slots'
import type { BatchShape } from '../program/batch'
import type { Design } from '../program/design'
import { drawMask, drawView, type Occurrence } from '../program/draws'

export interface SeenView {
  readonly kind: View['kind']
  /** What was drawn, in the order in which it is applied. */
  readonly steps: readonly Drawn[]
  /** What comes of it; values as they are before `normalize`. */
  readonly picture: Picture
  /** The patches that the student does not see; undefined for a local view, and where nothing is masked. */
  readonly mask: { readonly hidden: Uint8Array; readonly grid: Grid } | undefined
}

export interface SeenPicture extends Occurrence {
  readonly original: Picture
  /** Global ones first. */
  readonly views: readonly SeenView[]
}

/** All views of a picture in one epoch. */
export const seenPicture = (
  design: Design,
  { grid }: Pick<BatchShape, 'grid'>,
  seen: Occurrence,
  original: Picture,
): SeenPicture => ({
  ...seen,
  original,
  views: design.views.meaning.views.map(({ kind }, view): SeenView => {
    const steps = drawView(design, seen, view, original)
    const hidden = kind === 'global' ? drawMask(design, seen, view, grid) : undefined
    return { kind, steps, picture: applyAll(steps, original), mask: hidden === undefined ? undefined : { hidden, grid } }
  }),
})
