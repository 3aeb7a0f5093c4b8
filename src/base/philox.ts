/** Philox4x32-10, the bijection behind every draw (Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", SC'11). */

/** Four unsigned 32-bit words: which block. */
export type Counter = readonly [number, number, number, number]
/** Two unsigned 32-bit words. */
export type PhiloxKey = readonly [number, number]

/** Words in a block. */
export const BLOCK = 4
const ROUNDS = 10
const MULTIPLIER_0 = 0xd2511f53
const MULTIPLIER_1 = 0xcd9e8d57
const WEYL_0 = 0x9e3779b9
const WEYL_1 = 0xbb67ae85

/**
 * The high 32 bits of the 64-bit product of two unsigned 32-bit numbers, from their halves of 16 bits. No sum needs more
 * than 32 bits, so the engine keeps all of them in integer registers; only bits count here, whatever their sign.
 */
const multiplyHigh = (a: number, b: number): number => {
  const aLow = a & 0xffff
  const aHigh = a >>> 16
  const bLow = b & 0xffff
  const bHigh = b >>> 16
  const middle = (Math.imul(aHigh, bLow) + (Math.imul(aLow, bLow) >>> 16)) | 0
  const carry = (Math.imul(aLow, bHigh) + (middle & 0xffff)) | 0
  return (Math.imul(aHigh, bHigh) + (middle >>> 16) + (carry >>> 16)) | 0
}

/**
 * Fills `words`, whole blocks, with the blocks of `counter` and those after it; the first two words of the counter count,
 * the lower one first. Nothing is allocated for a block: weights take millions of them.
 */
export const writeBlocks = (words: Uint32Array, counter: Counter, key: PhiloxKey): void => {
  const [, , second, third] = counter
  const [key0, key1] = key
  let [low, high] = counter
  for (let at = 0; at < words.length; at += BLOCK) {
    let c0 = low | 0
    let c1 = high | 0
    let c2 = second | 0
    let c3 = third | 0
    let k0 = key0 | 0
    let k1 = key1 | 0
    for (let round = 0; round < ROUNDS; round++) {
      const high0 = multiplyHigh(MULTIPLIER_0, c0)
      const low0 = Math.imul(MULTIPLIER_0, c0)
      const high1 = multiplyHigh(MULTIPLIER_1, c2)
      const low1 = Math.imul(MULTIPLIER_1, c2)
      c0 = high1 ^ c1 ^ k0
      c1 = low1
      c2 = high0 ^ c3 ^ k1
      c3 = low0
      k0 = (k0 + WEYL_0) | 0
      k1 = (k1 + WEYL_1) | 0
    }
    words[at] = c0
    words[at + 1] = c1
    words[at + 2] = c2
    words[at + 3] = c3
    low = (low + 1) >>> 0
    if (low === 0) high = (high + 1) >>> 0
  }
}

/** One block of four 32-bit words: the Philox4x32-10 bijection of `counter` under `key`. */
export const philox = (counter: Counter, key: PhiloxKey): [number, number, number, number] => {
  const words = new Uint32Array(BLOCK)
  writeBlocks(words, counter, key)
  return [words[0]!, words[1]!, words[2]!, words[3]!]
}
