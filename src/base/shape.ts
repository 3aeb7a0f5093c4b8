/** Sizes and axes of tensors. */

/** How many numbers a tensor of this shape holds. */
export const elements = (shape: readonly number[]): number => shape.reduce((product, size) => product * size, 1)

/** An axis counted from the first, whether it is given so or, below 0, from behind. */
export const axisFromFirst = (axis: number, rank: number): number => (axis < 0 ? axis + rank : axis)
