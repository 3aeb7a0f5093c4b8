import { blank, type Picture } from './picture'

/**
 * A picture whose every value x (0–255, whatever the channel) became `table[x]`: Pillow's `Image.point`.
 * `table` holds 256 values in 0–255.
 */
export const point =
  (table: Uint8Array) =>
  (picture: Picture): Picture => {
    const { width, height, channels, data } = picture
    const out = blank(width, height, channels)
    const target = out.data
    for (let i = 0; i < data.length; i++) target[i] = table[data[i]!]!
    return out
  }

/** A picture whose every value x of channel c became `tables[c][x]`: Pillow's `Image.point` with a table a channel. */
export const pointChannels =
  (tables: readonly Uint8Array[]) =>
  (picture: Picture): Picture => {
    const { width, height, channels, data } = picture
    const out = blank(width, height, channels)
    const target = out.data
    for (let c = 0; c < channels; c++) {
      const table = tables[c]!
      for (let i = c; i < data.length; i += channels) target[i] = table[data[i]!]!
    }
    return out
  }

/** The table for `point` that holds `value(x)`, an integer in 0–255, for every x in 0–255. */
export const pointTable = (value: (x: number) => number): Uint8Array => Uint8Array.from({ length: 256 }, (_, x) => value(x))
