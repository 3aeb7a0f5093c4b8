import type { Random } from '../base/random'
import { blank, type Picture } from './picture'
import { roundHalfEven } from './round'

/** A rectangle of whole pixels inside a picture; the origin is the top left corner. */
export type Box = readonly [left: number, top: number, width: number, height: number]

/** The size of a picture in pixels, in torchvision's order. */
export type Size = readonly [height: number, width: number]

/**
 * The part of a picture inside a rectangle of whole pixels, black where that sticks out: torchvision's `crop`, Pillow's
 * `Image.crop`.
 */
export const crop =
  (left: number, top: number, width: number, height: number) =>
  (picture: Picture): Picture => {
    const { channels, data } = picture
    const out = blank(width, height, channels)
    const first = Math.max(left, 0)
    const end = Math.min(left + width, picture.width)
    if (end <= first) return out
    for (let y = Math.max(top, 0); y < Math.min(top + height, picture.height); y++) {
      const row = data.subarray((y * picture.width + first) * channels, (y * picture.width + end) * channels)
      out.data.set(row, ((y - top) * width + first - left) * channels)
    }
    return out
  }

/** Where `length` pixels start so that they lie in the middle of `available`; negative when there are too few. */
const centerOffset = (available: number, length: number): number =>
  available < length ? -Math.floor((length - available) / 2) : roundHalfEven((available - length) / 2)

/** The middle of a picture, a square where `size` is one number; black where the picture is smaller: torchvision's `CenterCrop`. */
export const centerCrop = (size: number | Size) => {
  const [height, width] = typeof size === 'number' ? [size, size] : size
  return (picture: Picture): Picture =>
    crop(centerOffset(picture.width, width), centerOffset(picture.height, height), width, height)(picture)
}

/**
 * The size a picture gets when its shorter side becomes `size` pixels and its proportions stay, the longer side
 * truncated: the output size of torchvision's `Resize`.
 */
export const shortSide =
  (size: number) =>
  ([height, width]: Size): Size =>
    width <= height ? [Math.trunc((size * height) / width), size] : [size, Math.trunc((size * width) / height)]

/** The smallest size with a picture's proportions that covers `size`; of a square, that of `shortSide`. */
export const covering =
  ([height, width]: Size) =>
  ([pictureHeight, pictureWidth]: Size): Size =>
    height * pictureWidth >= width * pictureHeight
      ? [height, Math.trunc((height * pictureWidth) / pictureHeight)]
      : [Math.trunc((width * pictureHeight) / pictureWidth), width]

const TRIES = 10

/**
 * Draws the box of torchvision's `RandomResizedCrop` for a picture of the given size.
 *
 * The box's share of the picture's area is uniform in `scale` and its aspect ratio (width / height) log-uniform in
 * `ratio`; a box that does not fit is drawn again, and after ten tries it is the largest central box whose aspect ratio
 * lies within `ratio`.
 */
export const resizedCropBox = (
  random: Random,
  [height, width]: Size,
  scale: readonly [low: number, high: number],
  ratio: readonly [low: number, high: number],
): Box => {
  const [low, high] = ratio
  for (let i = 0; i < TRIES; i++) {
    const area = height * width * random.between(...scale)
    const aspect = Math.exp(random.between(Math.log(low), Math.log(high)))
    const w = roundHalfEven(Math.sqrt(area * aspect))
    const h = roundHalfEven(Math.sqrt(area / aspect))
    if (w > 0 && w <= width && h > 0 && h <= height) {
      const top = random.integer(height - h + 1)
      const left = random.integer(width - w + 1)
      return [left, top, w, h]
    }
  }
  const w = width / height > high ? Math.max(1, roundHalfEven(height * high)) : width
  const h = width / height < low ? Math.max(1, roundHalfEven(width / low)) : height
  return [Math.floor((width - w) / 2), Math.floor((height - h) / 2), w, h]
}
