/** Measured numbers as people read them. */

/** A loss or a score: three digits behind the point, so that it doesn't jump about. */
export const fixed = (n: number): string => n.toFixed(3)
export const percent = (share: number): string => `${(100 * share).toFixed(1)} %`
/** A setting, of whatever size: four significant digits. */
export const significant = (n: number): string => String(Number(n.toPrecision(4)))

/** A number by how it is to be read; one that is better neither high nor low is a setting: `0.0001`, `4`. */
export const metricText = (
  { format, better }: { readonly format: 'percent' | 'number'; readonly better: 'higher' | 'lower' | null },
  value: number,
): string => (format === 'percent' ? percent(value) : better === null ? significant(value) : fixed(value))
