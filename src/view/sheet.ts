/** Contact sheets: pictures in rows and columns, as one picture. */
import { scanLeft } from 'fp-ts/ReadonlyArray'
import { shortSide } from '../image/crop'
import type { Picture } from '../image/picture'
import { resize } from '../image/resize'
import { sheet } from '../io/encode'
import { enlarged, enlargement, withMask } from './paint'
import type { SeenPicture, SeenView } from './seen'

const GAP = 8

/** A picture made to fit into a square: large ones shrunk, small ones with whole pixels enlarged. */
export const fitted =
  (side: number) =>
  (picture: Picture): Picture => {
    const longest = Math.max(picture.height, picture.width)
    if (longest <= side) return enlarged(Math.max(1, Math.floor(side / longest)))(picture)
    const shortest = Math.min(picture.height, picture.width)
    const size = shortSide(Math.max(1, Math.round((side * shortest) / longest)))([picture.height, picture.width])
    return resize({ interpolation: 'bicubic', size: [Math.min(side, size[0]), Math.min(side, size[1])] })(picture)
  }

/** A view with its mask drawn over it. */
export const maskedView = ({ picture, mask }: SeenView): Picture =>
  mask === undefined ? picture : withMask(picture, mask.hidden, mask.grid)

/** Where each of several lengths begins if they stand one after the other with gaps; last the end of all. */
const offsets = scanLeft(GAP, (at: number, length: number) => at + length + GAP)

/** Rows of pictures on one sheet; columns are as wide as what stands in them. */
export const sheetOf = (rows: readonly (readonly Picture[])[]): Promise<Picture> => {
  const columns = Math.max(0, ...rows.map((row) => row.length))
  const widths = Array.from({ length: columns }, (_, x) => Math.max(0, ...rows.map((row) => row[x]?.width ?? 0)))
  const lefts = offsets(widths)
  const tops = offsets(rows.map((row) => Math.max(0, ...row.map(({ height }) => height))))
  const placed = rows.flatMap((row, y) => row.map((picture, x) => ({ picture, left: lefts[x]!, top: tops[y]! })))
  return sheet(lefts[columns]!, tops[rows.length]!, placed)
}

/** One row a picture: the picture, its global views with their masks, its local views, all views to one scale. */
export const viewsSheet = (pictures: readonly SeenPicture[]): Promise<Picture> => {
  const sides = pictures.flatMap(({ views }) => views.map(({ picture }) => Math.max(picture.height, picture.width)))
  const largest = Math.max(1, ...sides)
  const times = enlargement(largest)
  return sheetOf(
    pictures.map(({ original, views }) => [
      fitted(largest * times)(original),
      ...views.map((view) => enlarged(times)(maskedView(view))),
    ]),
  )
}
