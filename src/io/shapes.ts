/** A tiny data set that needs no files: drawn shapes whose kind is the class. For tests, and to try a pipeline out. */
import * as E from 'fp-ts/Either'
import { random } from '../base/random'
import { blank, type Picture } from '../image/picture'
import { fingerprint } from './fingerprint'
import type { Source } from './source'

export interface Shapes {
  /** Number of pictures, ≥ 1. */
  readonly count: number
  /** Height and width in pixels, ≥ 8. */
  readonly size: number
  readonly seed: number
  readonly channels: 1 | 3
}

/** Signed distance from a point to the edge of a shape that the unit circle encloses: negative inside, near enough at the edge. */
type Distance = (x: number, y: number) => number

const box = (x: number, y: number, halfWidth: number, halfHeight: number): number =>
  Math.max(Math.abs(x) - halfWidth, Math.abs(y) - halfHeight)

const SQRT3_2 = Math.sqrt(3) / 2
/** From one of the three stripes to the next. */
const STRIPE = 0.5

const DISTANCES: Readonly<Record<string, Distance>> = {
  circle: (x, y) => Math.hypot(x, y) - 1,
  square: (x, y) => box(x, y, 0.7, 0.7),
  triangle: (x, y) => Math.max(y, -y / 2 + SQRT3_2 * x, -y / 2 - SQRT3_2 * x) - 0.5,
  cross: (x, y) => Math.min(box(x, y, 0.95, 0.3), box(x, y, 0.3, 0.95)),
  ring: (x, y) => Math.abs(Math.hypot(x, y) - 0.75) - 0.25,
  stripes: (x, y) => Math.max(box(x, y, 0.7, 0.7), Math.abs(y - STRIPE * Math.round(y / STRIPE)) - STRIPE / 4),
}

export const SHAPE_CLASSES: readonly string[] = Object.keys(DISTANCES)

const clamp = (value: number, low: number, high: number): number => Math.min(high, Math.max(low, value))

/** Picture i: all that it takes is drawn by its own key, so it doesn't depend on which others are drawn. */
const draw = ({ size, seed, channels }: Shapes, i: number): Picture => {
  const { between, uniform } = random(seed, 'shapes', i)
  const distance = DISTANCES[SHAPE_CLASSES[i % SHAPE_CLASSES.length]!]!
  const radius = size * between(0.25, 0.4)
  const centre = [between(radius, size - radius), between(radius, size - radius)] as const
  const angle = between(0, 2 * Math.PI)
  const cos = Math.cos(angle)
  const sin = Math.sin(angle)
  const colours = Array.from({ length: channels }, () => [between(20, 90), between(150, 235)] as const)
  // Half of the pictures are dark on light, so that brightness tells nothing of the class.
  const inverted = uniform() < 0.5
  const picture = blank(size, size, channels)
  for (let row = 0, at = 0; row < size; row++)
    for (let column = 0; column < size; column++) {
      const x = (column + 0.5 - centre[0]) / radius
      const y = (row + 0.5 - centre[1]) / radius
      const covered = clamp(0.5 - radius * distance(cos * x + sin * y, cos * y - sin * x), 0, 1)
      for (const [dark, light] of colours) {
        const value = dark + (light - dark) * (inverted ? 1 - covered : covered)
        picture.data[at++] = clamp(Math.round(value + between(-20, 20)), 0, 255)
      }
    }
  return picture
}

/** Pictures of one shape each, at a random place, scale and angle, in random colours and noise; picture i is of class i mod 6. */
export const shapes = (options: Shapes): Source => {
  const { count, size, seed, channels } = options
  return {
    name: `${count} shapes of ${size}×${size} (seed ${seed})`,
    count,
    channels,
    size: [size, size],
    classes: SHAPE_CLASSES,
    label: (i) => i % SHAPE_CLASSES.length,
    read: async (i) => E.right(draw(options, i)),
    fingerprint: fingerprint(['shapes', `${count}`, `${size}`, `${seed}`, `${channels}`]),
  }
}
