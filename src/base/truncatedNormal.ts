/**
 * Truncated normal draws for whole weights: to the last bit what `random(...key).normal` gives, in less than half the time.
 *
 * Most of that time goes into the logarithm and the cosine, which are exact to 53 bits where a weight keeps 24. So they are
 * computed from tables first, with an error that is known. Only where both ends of that error would round to different
 * weights, or where it isn't known (together one draw in two hundred), the exact ones decide: the rounding test of Ziv,
 * "Fast evaluation of elementary mathematical functions with correctly rounded last bit", ACM TOMS 1991.
 */
import { type Key, normalOf, uniformOf, wordsOf } from './random'

const CELLS = 1024
const cells = (value: (centre: number) => number): Float64Array =>
  Float64Array.from({ length: CELLS }, (_, i) => value((i + 0.5) / CELLS))
const INVERSE = cells((centre) => 1 / (1 + centre))
const LOG = cells((centre) => Math.log(1 + centre))
const COS = cells((centre) => Math.cos(2 * Math.PI * centre))
const SIN = cells((centre) => Math.sin(2 * Math.PI * centre))

/**
 * ln(1 - word / 2³²) for a word other than 0, to 1e-14: 1 - word / 2³² is x · 2^-(1 + shift) with x in [1, 2), and x
 * differs by the factor 1 + r, |r| < 2⁻¹¹, from its cell's centre; four terms of ln(1 + r).
 */
const nearLog = (word: number): number => {
  const rest = -word >>> 0
  const shift = Math.clz32(rest)
  const x = (rest << shift) >>> 0
  const cell = (x >>> 21) & (CELLS - 1)
  const r = x * 2 ** -31 * INVERSE[cell]! - 1
  return LOG[cell]! + r * (1 - r * (1 / 2 - r * (1 / 3 - r * (1 / 4)))) - (1 + shift) * Math.LN2
}

/** cos(2π · word / 2³²) to 1e-14: the cell's centre and an angle d beside it, |d| < 0.0031, by the sum formula. */
const nearCos = (word: number): number => {
  const cell = word >>> 22
  const d = ((word & 0x3fffff) - 0x200000) * ((2 * Math.PI) / 2 ** 32)
  const square = d * d
  const cos = 1 - square * (1 / 2 - square * (1 / 24))
  const sin = d * (1 - square * (1 / 6 - square * (1 / 120)))
  return COS[cell]! * cos - SIN[cell]! * sin
}

/** Below this radius the exact draw is taken: the square root makes the logarithm's error larger, the nearer it is to 0. */
const LEAST_RADIUS = 0.1
/** Ten times what the errors above amount to for these radii. */
const ERROR = 1e-12
const CHUNK = 1024

/**
 * Fills `values` with N(0, std²), each rounded to 32 bits; a draw beyond ±`bound` is left out, and the next takes its place.
 */
export const fillTruncatedNormal = (values: Float32Array, std: number, bound: number, ...key: Key): Float32Array => {
  const write = wordsOf(key)
  const words = new Uint32Array(CHUNK)
  for (let at = 0; at < values.length; ) {
    write(words)
    for (let i = 0; i < CHUNK && at < values.length; i += 2) {
      const first = words[i]!
      const second = words[i + 1]!
      const radius = Math.sqrt(-2 * nearLog(first))
      const near = radius * nearCos(second)
      const low = std * (near - ERROR)
      const high = std * (near + ERROR)
      const sure =
        first !== 0 &&
        radius > LEAST_RADIUS &&
        Math.fround(low) === Math.fround(high) &&
        Math.abs(low) <= bound === Math.abs(high) <= bound
      const x = sure ? low : std * normalOf(uniformOf(first), uniformOf(second))
      if (!(Math.abs(x) > bound)) values[at++] = x
    }
  }
  return values
}
