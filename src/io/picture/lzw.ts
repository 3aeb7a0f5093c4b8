/** Lempel-Ziv-Welch, as GIF and TIFF use it: codes of growing length, each for a run of bytes that has been there before. */
import { Undecodable } from './undecodable'

const MOST_BITS = 12
const MOST_CODES = 1 << MOST_BITS

export interface LzwCodes {
  /** How many bits a byte has among the codes: those after them are the codes to clear and to end. */
  readonly bits: number
  /** The next code, of so many bits; negative if there is none. */
  readonly next: (size: number) => number
  /** A code gets longer so many codes before it must (TIFF: 1). */
  readonly early: 0 | 1
}

/**
 * Fills `target`. A run is the one before it and one byte more, and lies where that one was put: no table of runs is needed, only of
 * their places. What follows the last byte that is wanted isn't looked at.
 */
export const unpackLzw = ({ bits, next, early }: LzwCodes, target: Uint8Array, name: string): void => {
  const clear = 1 << bits
  const end = clear + 1
  const starts = new Uint32Array(MOST_CODES)
  const lengths = new Uint32Array(MOST_CODES)
  const cutOff = () => new Undecodable('it is cut off')
  const damaged = () => new Undecodable(`its ${name} data are damaged`)
  let [filled, free, size] = [0, clear + 2, bits + 1]
  /** Where the run of the last code lies; none right after a clear. */
  let [lastStart, lastLength] = [0, 0]
  while (filled < target.length) {
    const code = next(size)
    if (code < 0 || code === end) throw cutOff()
    if (code === clear) {
      free = clear + 2
      size = bits + 1
      lastLength = 0
      continue
    }
    const [start, length] = [filled, code < clear ? 1 : code === free ? lastLength + 1 : lengths[code]!]
    if (code < clear) target[filled++] = code
    else {
      if (code > free || lastLength === 0 || (code === free && free >= MOST_CODES)) throw damaged()
      const stop = Math.min(target.length, filled + length)
      for (let from = code === free ? lastStart : starts[code]!; filled < stop; ) target[filled++] = target[from++]!
    }
    if (lastLength > 0 && free < MOST_CODES) {
      starts[free] = lastStart
      lengths[free] = lastLength + 1
      free++
      if (free + early === 1 << size && size < MOST_BITS) size++
    }
    lastStart = start
    lastLength = length
  }
}
