import { blank, type Picture } from './picture'

/**
 * A picture with each colour replaced by the one `recolour` gives for its three bytes, packed into one integer with red
 * in the highest byte (so that no pixel needs an object). A one-channel picture has no colours and stays as it is.
 */
export const mapColors =
  (recolour: (red: number, green: number, blue: number) => number) =>
  (picture: Picture): Picture => {
    const { width, height, channels, data } = picture
    if (channels === 1) return picture
    const out = blank(width, height, channels)
    const target = out.data
    for (let i = 0; i < data.length; i += 3) {
      const colour = recolour(data[i]!, data[i + 1]!, data[i + 2]!)
      target[i] = colour >> 16
      target[i + 1] = (colour >> 8) & 0xff
      target[i + 2] = colour & 0xff
    }
    return out
  }
