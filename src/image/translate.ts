import type { Affine } from './affine'
import type { Size } from './crop'

/** A picture of this size moved to the left by a share of its width: timm's `translate_x_rel`. */
export const translateX = (share: number, [, width]: Size): Affine => [1, 0, share * width, 0, 1, 0]

/** A picture of this size moved upwards by a share of its height: timm's `translate_y_rel`. */
export const translateY = (share: number, [height]: Size): Affine => [1, 0, 0, 0, 1, share * height]
