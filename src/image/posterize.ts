import type { Picture } from './picture'
import { point, pointTable } from './point'

/** What a value becomes under `posterize`, for `point`. */
export const posterizeTable = (bits: number): Uint8Array => pointTable((x) => x & ~(2 ** (8 - bits) - 1))

/**
 * A picture of whose values only the highest `bits` (0–8) are kept: Pillow's `ImageOps.posterize`, torchvision's `posterize`. 0 gives
 * black, as Pillow did before it refused that.
 */
export const posterize = (bits: number): ((picture: Picture) => Picture) => point(posterizeTable(bits))
