/** The built-in picture of the docs: a house by a lake, drawn by arithmetic, so that figures need no file and are the same everywhere. */
import { blank, type Picture } from '../../src/image/picture'

type Color = readonly [red: number, green: number, blue: number]
/** A part of the scene: what it covers, of a square from 0 to 1 with y downwards, and in which colour. */
interface Part {
  readonly covers: (x: number, y: number) => boolean
  readonly color: (x: number, y: number) => Color
}

const mixed = (a: Color, b: Color, share: number): Color => [
  a[0] + (b[0] - a[0]) * share,
  a[1] + (b[1] - a[1]) * share,
  a[2] + (b[2] - a[2]) * share,
]
const plain =
  (color: Color): Part['color'] =>
  () =>
    color

const box =
  (left: number, top: number, right: number, bottom: number): Part['covers'] =>
  (x, y) =>
    x >= left && x < right && y >= top && y < bottom
const disc =
  (cx: number, cy: number, radius: number): Part['covers'] =>
  (x, y) =>
    Math.hypot(x - cx, y - cy) < radius

const mountains = (x: number): number => 0.47 - 0.1 * Math.abs(Math.sin(5.5 * x + 0.6)) - 0.05 * Math.abs(Math.sin(13 * x))
const hills = (x: number): number => 0.56 - 0.05 * Math.sin(4.2 * x + 0.4)
const shore = (x: number): number => 0.78 + 0.02 * Math.sin(7 * x)

/** From the back to the front. */
const PARTS: readonly Part[] = [
  { covers: () => true, color: (_, y) => mixed([86, 152, 214], [250, 222, 190], Math.min(1, y / 0.5)) },
  { covers: disc(0.78, 0.17, 0.085), color: plain([255, 226, 112]) },
  { covers: (x, y) => y > mountains(x), color: (_, y) => mixed([112, 124, 158], [168, 176, 196], Math.min(1, y / 0.55)) },
  { covers: (x, y) => y > hills(x), color: (x, y) => mixed([92, 152, 74], [52, 110, 58], Math.min(1, (y - hills(x)) / 0.3)) },
  { covers: box(0.2, 0.47, 0.5, 0.7), color: plain([204, 84, 62]) },
  { covers: (x, y) => y < 0.47 && y > 0.3 + 0.95 * Math.abs(x - 0.35) * 0.9, color: plain([96, 56, 52]) },
  { covers: box(0.255, 0.53, 0.325, 0.6), color: plain([252, 238, 170]) },
  { covers: box(0.38, 0.55, 0.45, 0.7), color: plain([84, 52, 44]) },
  { covers: box(0.735, 0.55, 0.765, 0.72), color: plain([104, 74, 50]) },
  {
    covers: disc(0.75, 0.46, 0.12),
    color: (x, y) => mixed([64, 136, 60], [30, 84, 48], Math.min(1, Math.hypot(x - 0.7, y - 0.4) / 0.2)),
  },
  { covers: disc(0.83, 0.53, 0.075), color: plain([44, 104, 52]) },
  {
    covers: (x, y) => y > shore(x),
    color: (_, y) => (Math.sin(150 * y * y) > 0.75 ? [154, 202, 220] : mixed([70, 142, 184], [34, 88, 140], (y - 0.78) / 0.22)),
  },
]

/** Each pixel is the mean of so many times as many points along each side. */
const FINER = 3

const colorAt = (x: number, y: number): Color => PARTS.findLast(({ covers }) => covers(x, y))!.color(x, y)

/** The scene as a square picture in colour. */
export const scene = (side: number): Picture => {
  const picture = blank(side, side, 3)
  const offsets = Array.from({ length: FINER }, (_, i) => (i + 0.5) / FINER)
  for (let y = 0; y < side; y++)
    for (let x = 0; x < side; x++) {
      const points = offsets.flatMap((dy) => offsets.map((dx) => colorAt((x + dx) / side, (y + dy) / side)))
      for (let c = 0; c < 3; c++)
        picture.data[(y * side + x) * 3 + c] = Math.round(points.reduce((sum, color) => sum + color[c]!, 0) / points.length)
    }
  return picture
}
