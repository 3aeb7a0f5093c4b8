import type { Affine } from './affine'

/** Rows moved to the left by `factor` of their distance from the top: timm's `shear_x`. */
export const shearX = (factor: number): Affine => [1, factor, 0, 0, 1, 0]

/** Columns moved upwards by `factor` of their distance from the left: timm's `shear_y`. */
export const shearY = (factor: number): Affine => [1, 0, 0, factor, 1, 0]
