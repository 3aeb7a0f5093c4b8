import type { Picture } from './picture'
import { point, pointTable } from './point'

/** What a value becomes under `solarize`, for `point`. */
export const solarizeTable = (threshold: number): Uint8Array => pointTable((x) => (x < threshold ? x : 255 - x))

/** A picture with all values at or above `threshold` (0–256) inverted, x → 255 - x: Pillow's `ImageOps.solarize`. */
export const solarize = (threshold = 128): ((picture: Picture) => Picture) => point(solarizeTable(threshold))
