import type { Picture } from './picture'
import { point, pointTable } from './point'

/** What a value becomes under `solarizeAdd`, for `point`. */
export const solarizeAddTable = (added: number): Uint8Array => pointTable((x) => (x < 128 ? Math.min(255, x + added) : x))

/** A picture with `added` (0–128) on all values below 128: timm's `solarize_add`. */
export const solarizeAdd = (added: number): ((picture: Picture) => Picture) => point(solarizeAddTable(added))
