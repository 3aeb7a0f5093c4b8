/** How a picture becomes what a frozen network takes. */
import { type Key, random } from '../base/random'
import { centerCrop, covering, type Size } from '../image/crop'
import type { Picture } from '../image/picture'
import { resize } from '../image/resize'
import { type Augmentation, applyAll } from '../ops/augmentation/kind'

export interface TransformOptions {
  /** [height, width] of what the network takes, in pixels. */
  readonly size: Size
  /**
   * To how many times that size a picture is resized before the middle is cut out. 1 keeps all of the shorter side;
   * 8/7 (256 to 224) is what the official evaluation does.
   */
  readonly margin: number
}

/** Resized (bicubic) to cover margin × size, the middle cut out; a picture of that size stays as it is. */
export const transform = ({ size: [height, width], margin }: TransformOptions) => {
  const covers = covering([Math.round(height * margin), Math.round(width * margin)])
  const cut = centerCrop([height, width])
  return (picture: Picture): Picture =>
    picture.height === height && picture.width === width
      ? picture
      : cut(resize({ size: covers([picture.height, picture.width]), interpolation: 'bicubic' })(picture))
}

/** The margin of the official evaluation. */
export const EVALUATION_MARGIN = 8 / 7

/** A picture under augmentations, whose draws belong to a key. */
export const augmented = (augmentation: Augmentation, picture: Picture, ...key: Key): Picture =>
  applyAll(augmentation.draw(random(...key), picture).steps, picture)

/** The same by augmentations, which draw the same for every picture. */
export const preparing =
  (augmentation: Augmentation) =>
  (picture: Picture): Picture =>
    augmented(augmentation, picture, 'probe')
