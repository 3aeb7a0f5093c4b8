import type { Picture } from './picture'

/** How often each value 0–255 occurs in a channel. */
export type Histogram = Uint32Array

/** The histogram of each channel: Pillow's `Image.histogram`. */
export const histograms = ({ channels, data }: Picture): readonly Histogram[] =>
  Array.from({ length: channels }, (_, c) => {
    const counts = new Uint32Array(256)
    for (let i = c; i < data.length; i += channels) counts[data[i]!]!++
    return counts
  })
