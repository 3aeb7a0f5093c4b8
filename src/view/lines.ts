/** Two pictures side by side, with lines between patches that match. */
import type { Picture } from '../image/picture'
import { sheet } from '../io/encode'
import type { Grid } from '../ops/mask/kind'
import type { Match } from './features'

const GAP = 24

/** The middle of a patch in a picture of this size. */
const center = (patch: number, grid: Grid, { width, height }: Picture): readonly [x: number, y: number] => [
  (((patch % grid.width) + 0.5) * width) / grid.width,
  ((Math.floor(patch / grid.width) + 0.5) * height) / grid.height,
]

/** Colours that lie far apart, one after the other (steps of the golden angle). */
const hue = (i: number): number => Math.round(i * 137.508) % 360

/** Both pictures have the same grid; the best match is drawn last, over the others. */
export const matched = (left: Picture, right: Picture, grid: Grid, matches: readonly Match[]): Promise<Picture> => {
  const width = left.width + GAP + right.width
  const height = Math.max(left.height, right.height)
  const lines = matches.map(({ from, to }, i) => {
    const [x1, y1] = center(from, grid, left)
    const [x2, y2] = center(to, grid, right)
    const color = `hsl(${hue(i)}, 90%, 50%)`
    const end = left.width + GAP + x2
    return `<g stroke="${color}" fill="${color}"><line x1="${x1}" y1="${y1}" x2="${end}" y2="${y2}" stroke-width="1.5"/><circle cx="${x1}" cy="${y1}" r="3"/><circle cx="${end}" cy="${y2}" r="3"/></g>`
  })
  const drawing = `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}">${lines.reverse().join('')}</svg>`
  return sheet(
    width,
    height,
    [
      { picture: left, left: 0, top: 0 },
      { picture: right, left: left.width + GAP, top: 0 },
    ],
    drawing,
  )
}
