/** What is drawn for a picture: its views and its masks, pure functions of the seed and of what they are drawn for. */
import { type Key, random } from '../base/random'
import type { Drawing, PictureShape } from '../ops/augmentation/kind'
import type { Grid, Mask } from '../ops/mask/kind'
import type { Views } from '../ops/slots'

/** The part of a design that views and masks are drawn from. */
export interface Chances {
  readonly training: { readonly meaning: { readonly seed: number } }
  readonly views: { readonly meaning: Views }
  readonly masking: { readonly meaning: Mask } | undefined
}

/** A picture in one epoch (from 0); `image` is its number in the data set. */
export interface Occurrence {
  readonly epoch: number
  readonly image: number
  /** How often it came in this epoch before; 0 by default. */
  readonly repeat?: number
}

/** What is drawn for an occurrence belongs to this key. */
const keyOf = ({ epoch, image, repeat = 0 }: Occurrence, view: number): Key =>
  repeat === 0 ? [epoch, image, view] : [epoch, image, view, repeat]

/** What is done to a picture of this shape for one of its views, counted over global ones, then local ones. */
export const drawView = ({ training, views }: Chances, seen: Occurrence, view: number, shape: PictureShape): Drawing =>
  views.meaning.views[view]!.augment.draw(random(training.meaning.seed, 'view', ...keyOf(seen, view)), shape)

/** The patches of a global view that the student does not see, 1 for a hidden one; undefined in a pipeline that masks nothing. */
export const drawMask = ({ training, masking }: Chances, seen: Occurrence, view: number, grid: Grid): Uint8Array | undefined =>
  masking?.meaning(random(training.meaning.seed, 'mask', ...keyOf(seen, view)), grid, seen.epoch)
