/** Numbers as people read them. */

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

export const whole = (n: number): string => n.toLocaleString('en-US')

/** 42s, 3m 05s, 2h 07m. */
export const duration = (seconds: number): string => {
  const s = Math.max(0, Math.round(seconds))
  const padded = (n: number): string => String(n).padStart(2, '0')
  if (s < 60) return `${s}s`
  return s < 3600
    ? `${Math.floor(s / 60)}m ${padded(s % 60)}s`
    : `${Math.floor(s / 3600)}h ${padded(Math.floor((s % 3600) / 60))}m`
}

export const perSecond = (n: number): string => `${n >= 10 ? Math.round(n) : n.toFixed(1)} images/s`
export const plural = (n: number, one: string, many = `${one}s`): string => `${whole(n)} ${n === 1 ? one : many}`
