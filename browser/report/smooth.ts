/** Curves made smooth. */

/**
 * The exponential moving average of a curve's values, each divided by the weight that it has so far, so that the first ones aren't
 * drawn towards 0. What isn't a number stays as it is.
 */
export const smoothed = <A extends null | undefined>(
  values: readonly (number | A)[],
  weight: number,
): readonly (number | A)[] => {
  let sum = 0
  let total = 0
  return values.map((value) => {
    if (typeof value !== 'number') return value
    sum = weight * sum + (1 - weight) * value
    total = weight * total + (1 - weight)
    return sum / total
  })
}
