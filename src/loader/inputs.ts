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

export interface InputMonitors {
  /** Looks at a share of the batch. */
  readonly add: (share: HostBatch) => void
  /** What was seen in all of them. */
  readonly values: () => Readonly<Record<string, number>>
}

/**
 * How much there is to see in the first view of each picture, in units of the normalised pixels, from pixels spread
 * over all of them: `input.std`, within a picture and channel; `input.spread`, between pictures at the same place, which
 * one picture alone doesn't have. And where there are masks, the share of all patches that they hide: `input.masked`.
 *
 * @param shape of a share
 * @param shares how many make up a batch
 */
export const newInputMonitors = (
  { pictures, global: [, height, width, channels], mask: masks }: BatchShape,
  shares = 1,
): InputMonitors => {
  const pixels = height * width
  const looks = Math.max(2, Math.min(pixels, Math.floor(NUMBERS / (pictures * shares * channels))))
  const within: Moments[] = []
  const between = Array.from({ length: looks * channels }, () => new Moments())
  const masked = new Moments()
  return {
    add: ({ global, mask }) => {
      for (let picture = 0; picture < pictures; picture++) {
        const own = Array.from({ length: channels }, () => new Moments())
        for (let look = 0; look < looks; look++) {
          const at = (picture * pixels + Math.floor((look * pixels) / looks)) * channels
          for (let channel = 0; channel < channels; channel++) {
            const value = global[at + channel]!
            own[channel]!.add(value)
            between[look * channels + channel]!.add(value)
          }
        }
        within.push(...own)
      }
      if (mask !== undefined) for (const hidden of mask) masked.add(hidden)
    },
    values: () => ({
      'input.std': rootMean(within),
      ...(pictures * shares === 1 ? {} : { 'input.spread': rootMean(between) }),
      ...(masks === undefined ? {} : { 'input.masked': masked.sum / masked.count }),
    }),
  }
}
