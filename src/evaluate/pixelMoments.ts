/** Mean and standard deviation of pixels, exact and in whatever order they come: from how often each value occurs. */
import type { Picture } from '../image/picture'

const VALUES = 256

export interface Moments {
  /** Of each channel, in [0, 1]; NaN of no pixels. */
  readonly mean: readonly number[]
  readonly std: readonly number[]
}

export interface PixelCounts {
  /** Counts a picture; tells whether it has colour. */
  readonly add: (picture: Picture) => boolean
  readonly moments: () => Moments
}

export const pixelCounts = (channels: 1 | 3): PixelCounts => {
  const counts = Array.from({ length: channels }, () => new Float64Array(VALUES))
  const [red, green, blue] = counts as [Float64Array, Float64Array, Float64Array]
  const momentsOf = (count: Float64Array): readonly [mean: number, std: number] => {
    const total = count.reduce((sum, n) => sum + n, 0)
    const mean = count.reduce((sum, n, value) => sum + n * value, 0) / total
    const variance = count.reduce((sum, n, value) => sum + n * (value - mean) ** 2, 0) / total
    return [mean / (VALUES - 1), Math.sqrt(variance) / (VALUES - 1)]
  }
  return {
    add: ({ data }) => {
      if (channels === 1) {
        for (const value of data) red[value]!++
        return false
      }
      let colour = false
      for (let at = 0; at < data.length; at += 3) {
        const [r, g, b] = [data[at]!, data[at + 1]!, data[at + 2]!]
        red[r]!++
        green[g]!++
        blue[b]!++
        if (r !== g || g !== b) colour = true
      }
      return colour
    },
    moments: () => {
      const all = counts.map(momentsOf)
      return { mean: all.map(([mean]) => mean), std: all.map(([, std]) => std) }
    },
  }
}
