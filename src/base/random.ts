/**
 * Counter-based random numbers: every draw is a pure function of a key, so results depend neither on the order in
 * which draws are made nor on how many workers make them, and a run can go on from any step.
 * The generator is Philox4x32-10.
 */
import { BLOCK, writeBlocks } from './philox'

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

/** The 32-bit words that belong to `key`, from a block on: each call fills an array, whole blocks, with the next of them. */
export const wordsOf = (key: Key, first = 0): ((words: Uint32Array) => void) => {
  const keyWords = [digest(key, 0x811c9dc5), digest(key, 0x9747b28c)] as const
  const salt = [digest(key, 0x2545f491), digest(key, 0x1b873593)] as const
  let block = first
  return (words) => {
    writeBlocks(words, [block >>> 0, Math.floor(block / 0x100000000), ...salt], keyWords)
    block += words.length / BLOCK
  }
}

/** The number in [0, 1) of a word. */
export const uniformOf = (word: number): number => word / 0x100000000

/** A standard normal from two uniforms in [0, 1) (Box–Muller). */
export const normalOf = (radius: number, angle: number): number =>
  Math.sqrt(-2 * Math.log(1 - radius)) * Math.cos(2 * Math.PI * angle)

/** The sequence of draws that belongs to `key`. */
export const random = (...key: Key): Random => {
  const write = wordsOf(key)
  const block = new Uint32Array(BLOCK)
  let next = BLOCK
  const uniform = (): number => {
    if (next === BLOCK) {
      write(block)
      next = 0
    }
    return uniformOf(block[next++]!)
  }
  return {
    uniform,
    between: (low, high) => low + (high - low) * uniform(),
    integer: (count) => Math.floor(uniform() * count),
    normal: () => normalOf(uniform(), uniform()),
  }
}

/** How many draws `fillUniform` makes at once: whole blocks, few enough to stay in the nearest cache. */
const CHUNK = 1024

/** Fills `values` with draws of `random(...key).uniform` from the one at `from` on, each of them changed; faster than one by one. */
export const fillUniformFrom = (
  values: Float32Array,
  from: number,
  change: (draw: number) => number,
  ...key: Key
): Float32Array => {
  const write = wordsOf(key, Math.floor(from / BLOCK))
  const words = new Uint32Array(CHUNK)
  // A block may have begun before the first of them.
  for (let at = -(from % BLOCK); at < values.length; at += CHUNK) {
    write(words)
    const end = Math.min(CHUNK, values.length - at)
    for (let i = Math.max(0, -at); i < end; i++) values[at + i] = change(uniformOf(words[i]!))
  }
  return values
}

/** The same from the first one on. */
export const fillUniform = (values: Float32Array, change: (draw: number) => number, ...key: Key): Float32Array =>
  fillUniformFrom(values, 0, change, ...key)

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
