/** Numbers as people read them. */
import { whole } from '../base/numberText'

export { duration, fixed, percent, perSecond, plural, significant, whole } from '../base/numberText'

/** At most four digits that count, small numbers as 5e-4. */
export const rounded = (n: number): string => {
  if (!Number.isFinite(n)) return String(n)
  const short = Number(n.toPrecision(4))
  return short !== 0 && Math.abs(short) < 1e-3 ? short.toExponential() : String(short)
}

/** Two digits that count, as no forecast has more; whole above. */
export const figure = (n: number): string => (n >= 10 ? whole(Math.round(n)) : String(Number(n.toPrecision(2))))

export const bytes = (n: number): string => {
  const unit = n >= 2 ** 30 ? ([2 ** 30, 'GB'] as const) : n >= 2 ** 20 ? ([2 ** 20, 'MB'] as const) : ([2 ** 10, 'kB'] as const)
  return `${(n / unit[0]).toFixed(1)} ${unit[1]}`
}

export const size = ([height, width]: readonly [number, number]): string => `${height} × ${width}`
export const bytesPerSecond = (n: number): string => `${bytes(n)}/s`

/** a, b and c */
export const list = (words: readonly string[]): string =>
  words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} and ${words.at(-1)}`
