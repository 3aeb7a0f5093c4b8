/** Contact sheets: pictures in rows and columns with their labels, as one picture. */
import { scanLeft } from 'fp-ts/ReadonlyArray'
import type { Picture } from '../image/picture'
import { sheet } from '../io/encode'
import { fitted, maskedView, viewName } from './fitted'
import { LETTER_HEIGHT, lettered } from './letters'
import { enlargement } from './paint'
import type { SeenPicture } from './seen'

const GAP = 8

/** Where each of several lengths begins if they stand one after the other with gaps; last the end of all. */
const offsets = scanLeft(GAP, (at: number, length: number) => at + length + GAP)

/** A picture on a sheet, with what it is in a few words above it, where that is said. */
export interface Cell extends Picture {
  readonly label?: string
}

/** A label, the picture below it. */
export const labelled = (label: string, picture: Picture): Cell => ({ ...picture, label })

/** Pictures one below the other, near enough to be seen as one. */
export const stacked = (pictures: readonly Picture[]): Promise<Picture> => {
  const tops = scanLeft(0, (at: number, { height }: Picture) => at + height + 2)(pictures)
  const width = Math.max(1, ...pictures.map((picture) => picture.width))
  const height = Math.max(1, tops[pictures.length]! - 2)
  return sheet(
    width,
    height,
    pictures.map((picture, i) => ({ picture, left: 0, top: tops[i]! })),
  )
}

/** Between a label and its picture. */
const LABEL_GAP = 2

/** Rows of pictures on one sheet; columns are as wide as what stands in them. */
export const sheetOf = (rows: readonly (readonly Cell[])[]): Promise<Picture> => {
  const titled = rows.map((row) =>
    row.map((cell) => ({ cell, title: cell.label === undefined ? undefined : lettered(cell.label) })),
  )
  const columns = Math.max(0, ...rows.map((row) => row.length))
  const widths = Array.from({ length: columns }, (_, x) =>
    Math.max(0, ...titled.map((row) => Math.max(row[x]?.cell.width ?? 0, row[x]?.title?.width ?? 0))),
  )
  const above = titled.map((row) => (row.some(({ title }) => title !== undefined) ? LETTER_HEIGHT + LABEL_GAP : 0))
  const lefts = offsets(widths)
  const tops = offsets(rows.map((row, y) => above[y]! + Math.max(0, ...row.map(({ height }) => height))))
  const placed = titled.flatMap((row, y) =>
    row.flatMap(({ cell, title }, x) => [
      { picture: cell, left: lefts[x]!, top: tops[y]! + above[y]! },
      ...(title === undefined ? [] : [{ picture: title, left: lefts[x]!, top: tops[y]! }]),
    ]),
  )
  return sheet(lefts[columns]!, tops[rows.length]!, placed)
}

/** One row a picture: the picture, its global views with their masks, its local views, all views to one scale. */
export const viewsSheet = (pictures: readonly SeenPicture[]): Promise<Picture> => {
  const sides = pictures.flatMap(({ views }) => views.map(({ picture }) => Math.max(picture.height, picture.width)))
  const largest = Math.max(1, ...sides)
  const times = enlargement(largest)
  return sheetOf(
    pictures.map((seen) => [
      labelled(`no. ${seen.image}`, fitted(largest * times)(seen.original)),
      ...seen.views.map((view, i) => labelled(viewName(seen, i), maskedView(view, times))),
    ]),
  )
}
