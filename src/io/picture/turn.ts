/** Pictures turned and mirrored. */
import type { Picture } from '../../image/picture'
import type { Orientation } from './orientation'

/** Where the first pixel of the turned picture lies in the stored one, and how far it is from there to the next one and to the next row. */
const steps = (
  width: number,
  height: number,
  orientation: Orientation,
): readonly [start: number, column: number, row: number] => {
  const last = width * height - 1
  switch (orientation) {
    case 1:
      return [0, 1, width]
    case 2:
      return [width - 1, -1, width]
    case 3:
      return [last, -1, -width]
    case 4:
      return [last - width + 1, 1, -width]
    case 5:
      return [0, width, 1]
    case 6:
      return [last - width + 1, -width, 1]
    case 7:
      return [last, -width, -1]
    case 8:
      return [width - 1, width, -1]
  }
}

/** The picture as its orientation says it is to be seen. */
export const turned = (picture: Picture, orientation: Orientation): Picture => {
  if (orientation === 1) return picture
  const { width, height, channels, data } = picture
  const [start, column, row] = steps(width, height, orientation)
  const [newWidth, newHeight] = orientation > 4 ? [height, width] : [width, height]
  const result = new Uint8Array(data.length)
  for (let y = 0, to = 0; y < newHeight; y++)
    for (let x = 0, from = (start + y * row) * channels; x < newWidth; x++, from += column * channels)
      for (let channel = 0; channel < channels; channel++) result[to++] = data[from + channel]!
  return { width: newWidth, height: newHeight, channels, data: result }
}
