/** Sizes of tensors. */

/** How many numbers a tensor of this shape holds. */
export const elements = (shape: readonly number[]): number => shape.reduce((product, size) => product * size, 1)
