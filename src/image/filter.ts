/** How an output sample weighs the input samples around it. */
export type Interpolation = 'bicubic' | 'bilinear'

/** The weights by which the samples of one axis become those of an axis of another length. */
export interface Weights {
  /** The most input samples that any output sample has. */
  readonly taps: number
  /** For every output sample, its first input sample. */
  readonly first: Int32Array
  /** For every output sample, how many input samples it has. */
  readonly count: Int32Array
  /** For every output sample, `taps` weights in units of 2^-22, the first `count` of them used. */
  readonly weight: Int32Array
}

/** Fractional bits of the weights: with 8 for a value and 2 for overshoot and sign they fill an int32. */
export const FRACTION = 22

const A = -0.5

/** The kernels, by distance from their centre, and the distance from which on they are 0. */
const KERNEL: Readonly<Record<Interpolation, { readonly support: number; readonly at: (distance: number) => number }>> = {
  bilinear: { support: 1, at: (d) => (d < 1 ? 1 - d : 0) },
  bicubic: {
    support: 2,
    at: (d) => (d < 1 ? ((A + 2) * d - (A + 3)) * d * d + 1 : d < 2 ? (((d - 5) * d + 8) * d - 4) * A : 0),
  },
}

/** To the nearest integer, halves away from 0. */
const roundHalfAway = (value: number): number => (value < 0 ? Math.trunc(value - 0.5) : Math.trunc(value + 0.5))

/**
 * The weights that turn `from` samples into `to`, the kernel widened by the scale when samples get fewer (so that
 * nothing aliases) and cut at the ends: Pillow's `precompute_coeffs`.
 */
const computeWeights = (interpolation: Interpolation, from: number, to: number): Weights => {
  const kernel = KERNEL[interpolation]
  const scale = from / to
  const widening = Math.max(scale, 1)
  const support = kernel.support * widening
  const taps = Math.ceil(support) * 2 + 1
  const first = new Int32Array(to)
  const count = new Int32Array(to)
  const weight = new Int32Array(to * taps)
  const real = new Float64Array(taps)
  for (let i = 0; i < to; i++) {
    const center = (i + 0.5) * scale
    const start = Math.max(Math.trunc(center - support + 0.5), 0)
    const end = Math.min(Math.trunc(center + support + 0.5), from)
    let sum = 0
    for (let j = 0; j < end - start; j++) {
      real[j] = kernel.at(Math.abs((j + start - center + 0.5) * (1 / widening)))
      sum += real[j]!
    }
    first[i] = start
    count[i] = end - start
    for (let j = 0; j < end - start; j++) weight[i * taps + j] = roundHalfAway((real[j]! / sum) * (1 << FRACTION))
  }
  return { taps, first, count, weight }
}

const KEPT = 512
const kept = new Map<string, Weights>()

/** `computeWeights`, with the latest tables kept: crops of a few sizes become views of one size over and over. */
export const weights = (interpolation: Interpolation, from: number, to: number): Weights => {
  const key = `${interpolation} ${from} ${to}`
  const known = kept.get(key)
  if (known !== undefined) return known
  const computed = computeWeights(interpolation, from, to)
  if (kept.size >= KEPT) kept.delete(kept.keys().next().value!)
  kept.set(key, computed)
  return computed
}
