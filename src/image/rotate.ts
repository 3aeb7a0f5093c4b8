import { type Affine, affine, type Transforming } from './affine'
import type { Size } from './crop'
import type { Picture } from './picture'

/** To 15 digits behind the point, as Pillow rounds: whole and half turns only move pixels. */
const rounded = (value: number): number => Number(value.toFixed(15))

/** Where the pixels of a picture of this size come from when it is turned counterclockwise around its middle. */
export const rotation = (degrees: number, [height, width]: Size): Affine => {
  const angle = -(((degrees % 360) + 360) % 360) * (Math.PI / 180)
  const cos = rounded(Math.cos(angle))
  const sin = rounded(Math.sin(angle))
  const [x, y] = [width / 2, height / 2]
  return [cos, sin, cos * -x + sin * -y + x, -sin, cos, -sin * -x + cos * -y + y]
}

/** A picture of the same size, turned counterclockwise around its middle: Pillow's `Image.rotate`, torchvision's `rotate`. */
export const rotate =
  (degrees: number, how: Omit<Transforming, 'matrix'>) =>
  (picture: Picture): Picture =>
    affine({ ...how, matrix: rotation(degrees, [picture.height, picture.width]) })(picture)
