import type { Weights } from '../filter'

/** Taps in a group, and the bytes of one: upper halves of taps 0 to 3 and lower halves, 16 bits each. */
const TAPS = 4
const GROUP = 16
/** Output samples that are made at once. */
const SAMPLES = 4
const SPLIT = 11

/** Weights as the kernels take them: three parts, one behind the other. */
export interface PackedWeights {
  /** First input samples, then numbers of groups, 4 bytes each, then the groups of one output sample after the other. */
  readonly bytes: Uint8Array
  /** Where the numbers of groups and where the groups begin. */
  readonly groups: number
  readonly weights: number
  /** Groups that there is room for in an output sample. */
  readonly most: number
}

const pack = ({ taps, first, count, weight }: Weights): PackedWeights => {
  const samples = Math.ceil(first.length / SAMPLES) * SAMPLES
  const most = Math.ceil(taps / TAPS)
  const groups = 4 * samples
  const weights = 8 * samples
  const bytes = new Uint8Array(weights + samples * most * GROUP)
  new Int32Array(bytes.buffer, 0, first.length).set(first)
  new Int32Array(bytes.buffer, groups, count.length).set(count.map((one) => Math.ceil(one / TAPS)))
  const halves = new Int16Array(bytes.buffer, weights)
  for (let sample = 0; sample < first.length; sample++)
    for (let tap = 0; tap < count[sample]!; tap++) {
      const value = weight[sample * taps + tap]!
      const at = ((sample * most + Math.floor(tap / TAPS)) * GROUP) / 2 + (tap % TAPS)
      halves[at] = value >> SPLIT
      halves[at + TAPS] = value & ((1 << SPLIT) - 1)
    }
  return { bytes, groups, weights, most }
}

const known = new WeakMap<Weights, PackedWeights>()

/** The weights of one axis, packed; the same weights are packed once. */
export const packed = (weights: Weights): PackedWeights => {
  const found = known.get(weights) ?? pack(weights)
  known.set(weights, found)
  return found
}
