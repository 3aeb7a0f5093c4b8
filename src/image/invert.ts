import type { Picture } from './picture'
import { point, pointTable } from './point'

/** What a value becomes under `invert`, for `point`. */
export const INVERTED: Uint8Array = pointTable((x) => 255 - x)

/** A picture's negative, x → 255 - x: Pillow's `ImageOps.invert`, torchvision's `invert`. */
export const invert: (picture: Picture) => Picture = point(INVERTED)
