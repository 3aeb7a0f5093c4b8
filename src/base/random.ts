/**
 * Counter-based random numbers: every draw is a pure function of a key, so results depend neither on the order in
 * which draws are made nor on how many workers make them, and a run can go on from any step.
 *
 * The generator is Philox4x32-10 (Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", SC'11).
 */

/** A sequence of draws that belongs to one key. Each call gives the next number of that key's sequence. */
export interface Random {
  /** Uniform in [0, 1), 32 bits. */
  readonly uniform: () => number
  /** Uniform in [low, high). */
  readonly between: (low: number, high: number) => number
  /** Uniform integer in {0, …, count - 1}; count ≥ 1. */
  readonly integer: (count: number) => number
  /** Standard normal (Box–Muller). */
  readonly normal: () => number
}

/** What a key is made of: a seed, then names and numbers that say what is drawn, e.g. `['crop', epoch, image, view]`. */
export type Key = readonly (string | number)[]

const ROUNDS = 10
const MULTIPLIER_0 = 0xd2511f53
const MULTIPLIER_1 = 0xcd9e8d57
const WEYL_0 = 0x9e3779b9
const WEYL_1 = 0xbb67ae85

/** The high 32 bits of the 64-bit product of two unsigned 32-bit numbers. */
const multiplyHigh = (a: number, b: number): number => {
  const aLow = a & 0xffff
  const aHigh = a >>> 16
  const bLow = b & 0xffff
  const bHigh = b >>> 16
  const middle = aHigh * bLow + ((aLow * bLow) >>> 16)
  const carry = aLow * bHigh + (middle & 0xffff)
  return (aHigh * bHigh + Math.floor(middle / 0x10000) + Math.floor(carry / 0x10000)) >>> 0
}

/** One block of four 32-bit words: the Philox4x32-10 bijection of `counter` under `key`. */
export const philox = (
  counter: readonly [number, number, number, number],
  key: readonly [number, number],
): [number, number, number, number] => {
  let [c0, c1, c2, c3] = counter
  let [k0, k1] = key
  for (let round = 0; round < ROUNDS; round++) {
    const high0 = multiplyHigh(MULTIPLIER_0, c0)
    const low0 = Math.imul(MULTIPLIER_0, c0) >>> 0
    const high1 = multiplyHigh(MULTIPLIER_1, c2)
    const low1 = Math.imul(MULTIPLIER_1, c2) >>> 0
    c0 = (high1 ^ c1 ^ k0) >>> 0
    c1 = low1
    c2 = (high0 ^ c3 ^ k1) >>> 0
    c3 = low0
    k0 = (k0 + WEYL_0) >>> 0
    k1 = (k1 + WEYL_1) >>> 0
  }
  return [c0, c1, c2, c3]
}

/** FNV-1a over the parts of a key, started from `basis`; numbers count with all their 64 bits. */
const digest = (key: Key, basis: number): number => {
  let hash = basis >>> 0
  const mix = (byte: number) => {
    hash = Math.imul(hash ^ byte, 0x01000193) >>> 0
  }
  const bytes = new DataView(new ArrayBuffer(8))
  for (const part of key) {
    if (typeof part === 'number') {
      bytes.setFloat64(0, part)
      for (let i = 0; i < 8; i++) mix(bytes.getUint8(i))
      mix(1)
    } else {
      for (let i = 0; i < part.length; i++) {
        mix(part.charCodeAt(i) & 0xff)
        mix(part.charCodeAt(i) >>> 8)
      }
      mix(2)
    }
  }
  return hash
}

/** The sequence of draws that belongs to `key`. */
export const random = (...key: Key): Random => {
  const words: [number, number] = [digest(key, 0x811c9dc5), digest(key, 0x9747b28c)]
  const salt: [number, number] = [digest(key, 0x2545f491), digest(key, 0x1b873593)]
  let block = 0
  let buffer: readonly number[] = []
  let next = 4
  const word = (): number => {
    if (next === 4) {
      buffer = philox([block >>> 0, Math.floor(block / 0x100000000), salt[0], salt[1]], words)
      block++
      next = 0
    }
    return buffer[next++]!
  }
  const uniform = () => word() / 0x100000000
  return {
    uniform,
    between: (low, high) => low + (high - low) * uniform(),
    integer: (count) => Math.floor(uniform() * count),
    normal: () => Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform()),
  }
}

/** Puts the items of an array into an order that is drawn, each as likely as the others (Fisher–Yates); gives the array. */
export const shuffle = <A extends unknown[] | Uint32Array>(draw: Random, items: A): A => {
  for (let i = items.length - 1; i > 0; i--) {
    const j = draw.integer(i + 1)
    const kept = items[i]
    items[i] = items[j]!
    items[j] = kept!
  }
  return items
}

/** The numbers 0 … count-1 in the order that belongs to `key`. */
export const permutation = (count: number, ...key: Key): Uint32Array =>
  shuffle(
    random(...key),
    Uint32Array.from({ length: count }, (_, i) => i),
  )
