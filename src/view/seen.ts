/** A picture as the networks see it: its views and what is hidden in them, by the draws of training. */
import { denormalize, normalize } from '../image/normalize'
import type { Picture } from '../image/picture'
import { applyAll, type Drawing, finishAll, type Told } from '../ops/augmentation/kind'
import type { Grid } from '../ops/mask/kind'
import type { View, Views } from '../ops/slots'
import type { BatchShape } from '../program/batch'
import type { Design } from '../program/design'
import { drawMask, drawView, type Occurrence } from '../program/draws'

export interface SeenView {
  readonly kind: View['kind']
  /** What was drawn, in the order in which it is applied. */
  readonly steps: readonly Told[]
  /** What comes of it; values as they are before `normalize`, and what is done after that as near to it as a picture gets. */
  readonly picture: Picture
  /** The patches that the student does not see; undefined for a local view, and where nothing is masked. */
  readonly mask: { readonly hidden: Uint8Array; readonly grid: Grid } | undefined
}

export interface SeenPicture extends Occurrence {
  readonly original: Picture
  /** Global ones first. */
  readonly views: readonly SeenView[]
}

/** What comes of a picture by all that was drawn; what is done to normalised pictures is turned back into one. */
export const drawnPicture = (original: Picture, drawing: Drawing, { mean, std }: Pick<Views, 'mean' | 'std'>): Picture => {
  const before = applyAll(drawing.steps, original)
  if (drawing.finish === undefined || drawing.finish.length === 0) return before
  const values = normalize(mean, std)(before)
  finishAll(drawing, values, 0)
  return denormalize(mean, std)(values, before)
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
    const drawing = drawView(design, seen, view, original)
    const steps = [...drawing.steps, ...(drawing.finish ?? [])]
    const picture = drawnPicture(original, drawing, design.views.meaning)
    const hidden = kind === 'global' ? drawMask(design, seen, view, grid) : undefined
    return { kind, steps, picture, mask: hidden === undefined ? undefined : { hidden, grid } }
  }),
})
