/** The order of texts by their code points, which is also that of their UTF-8 bytes; the same on every machine. */

/** Surrogates belong to the code points above all others, though their numbers lie below U+E000. */
const rank = (unit: number): number => (unit >= 0xd800 && unit <= 0xdfff ? unit + 0x10000 : unit)

/** Negative, 0 or positive as `a` comes before, with or after `b`. */
export const byCodePoint = (a: string, b: string): number => {
  const shorter = Math.min(a.length, b.length)
  for (let i = 0; i < shorter; i++) {
    const difference = rank(a.charCodeAt(i)) - rank(b.charCodeAt(i))
    if (difference !== 0) return difference
  }
  return a.length - b.length
}
