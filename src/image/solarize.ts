import type { Picture } from './picture'
import { point, pointTable } from './point'

/** A picture with all values at or above `threshold` (0–256) inverted, x → 255 - x: Pillow's `ImageOps.solarize`. */
export const solarize = (threshold = 128): ((picture: Picture) => Picture) =>
  point(pointTable((x) => (x < threshold ? x : 255 - x)))
