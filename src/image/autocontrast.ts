import { type Histogram, histograms } from './histogram'
import type { Picture } from './picture'
import { pointChannels, pointTable } from './point'

/** What a value of a channel with this histogram becomes under `autocontrast`, for `pointChannels`. */
export const autocontrastTable = (histogram: Histogram): Uint8Array => {
  const low = histogram.findIndex((count) => count > 0)
  const high = histogram.findLastIndex((count) => count > 0)
  if (high <= low) return pointTable((x) => x)
  const scale = 255 / (high - low)
  const offset = -low * scale
  return pointTable((x) => Math.max(0, Math.min(255, Math.trunc(x * scale + offset))))
}

/**
 * A picture of which each channel's darkest value became 0 and its lightest 255, those in between in proportion; a channel of
 * one value stays as it is: Pillow's `ImageOps.autocontrast`, torchvision's `autocontrast`.
 */
export const autocontrast = (picture: Picture): Picture => pointChannels(histograms(picture).map(autocontrastTable))(picture)
