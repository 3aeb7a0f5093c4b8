/** Whether there is anything to see in a batch, and how much of it is hidden. */

import type { HostBatch } from '../engine/interpreter'
import type { BatchShape } from '../program/batch'

/** So many numbers of a batch are looked at: enough to see that all are the same, in a moment. */
const NUMBERS = 2 ** 15

/** A sum, and that of the squares. */
class Moments {
  count = 0
  sum = 0
  squares = 0
  add(value: number): void {
    this.count++
    this.sum += value
    this.squares += value * value
  }
  /** Rounding may have made it less than nothing. */
  variance(): number {
    return Math.max(0, this.squares / this.count - (this.sum / this.count) ** 2)
  }
}

const rootMean = (moments: readonly Moments[]): number =>
  Math.sqrt(moments.reduce((sum, one) => sum + one.variance(), 0) / moments.length)

/**
 * How much there is to see in the first view of each picture, in units of the normalised pixels, from pixels spread
 * over all of them: `input.std`, within a picture and channel; `input.spread`, between pictures at the same place, which
 * one picture alone doesn't have. And where there are masks, the share of all patches that they hide: `input.masked`.
 */
export const inputMonitors = (
  { global, mask }: HostBatch,
  { pictures, global: [, height, width, channels] }: BatchShape,
): Readonly<Record<string, number>> => {
  const pixels = height * width
  const looks = Math.max(2, Math.min(pixels, Math.floor(NUMBERS / (pictures * channels))))
  const within = Array.from({ length: pictures * channels }, () => new Moments())
  const between = Array.from({ length: looks * channels }, () => new Moments())
  for (let picture = 0; picture < pictures; picture++)
    for (let look = 0; look < looks; look++) {
      const at = (picture * pixels + Math.floor((look * pixels) / looks)) * channels
      for (let channel = 0; channel < channels; channel++) {
        const value = global[at + channel]!
        within[picture * channels + channel]!.add(value)
        between[look * channels + channel]!.add(value)
      }
    }
  return {
    'input.std': rootMean(within),
    ...(pictures === 1 ? {} : { 'input.spread': rootMean(between) }),
    ...(mask === undefined ? {} : { 'input.masked': mask.reduce((sum, hidden) => sum + hidden, 0) / mask.length }),
  }
}
