/** Measured numbers as people read them. */

/** A loss or a score: three digits behind the point, so that it doesn't jump about. */
export const fixed = (n: number): string => n.toFixed(3)
export const percent = (share: number): string => `${(100 * share).toFixed(1)} %`
/** A setting, of whatever size: four significant digits. */
export const significant = (n: number): string => String(Number(n.toPrecision(4)))
