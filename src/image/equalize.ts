import { type Histogram, histograms } from './histogram'
import type { Picture } from './picture'
import { pointChannels, pointTable } from './point'

/** What a value of a channel with this histogram becomes under `equalize`, for `pointChannels`. */
export const equalizeTable = (histogram: Histogram): Uint8Array => {
  const pixels = histogram.reduce((sum, count) => sum + count, 0)
  const highest = histogram.findLast((count) => count > 0) ?? 0
  // Of a channel of one value, all pixels have the highest: a step of 0, too.
  const step = Math.floor((pixels - highest) / 255)
  if (step === 0) return pointTable((x) => x)
  const below = new Float64Array(256)
  for (let x = 1; x < 256; x++) below[x] = below[x - 1]! + histogram[x - 1]!
  const first = Math.floor(step / 2)
  return pointTable((x) => Math.min(255, Math.floor((first + below[x]!) / step)))
}

/**
 * A picture whose values are spread so that each channel's are about equally frequent; a channel of too few pixels stays as it
 * is: Pillow's `ImageOps.equalize`, torchvision's `equalize`.
 */
export const equalize = (picture: Picture): Picture => pointChannels(histograms(picture).map(equalizeTable))(picture)
