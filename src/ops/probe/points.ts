/** Rows of features as points that k-means clusters, where the training is computed. */
import type { Points } from '../../metric/kMeans'
import { nearestCentres } from '../../nn/nearestCentres'
import type { FeatureMatrix, ProbeTools } from './kind'

/** Most floats of one product: 256 MiB. */
const AT_ONCE = 2 ** 26

/** Keeps a row of zeros from being divided by 0. */
const SMALLEST_NORM = 1e-12

/** Adds numbers to others, place by place. */
const add = (to: Float64Array, values: Float32Array): void => {
  for (let i = 0; i < values.length; i++) to[i]! += values[i]!
}

/** One divided by the length of each row. */
const inverseLengths = (values: Float32Array, width: number): Float32Array =>
  Float32Array.from({ length: values.length / width }, (_, row) => {
    let sum = 0
    for (let i = row * width; i < (row + 1) * width; i++) sum += values[i]! ** 2
    return 1 / Math.max(Math.sqrt(sum), SMALLEST_NORM)
  })

/** The mean of all rows, each times its scale: [width]. */
const meanOf = (values: Float32Array, width: number, scale: Float32Array): Float32Array => {
  const sums = new Float64Array(width)
  for (let row = 0; row < scale.length; row++) for (let i = 0; i < width; i++) sums[i]! += values[row * width + i]! * scale[row]!
  return Float32Array.from(sums, (sum) => sum / scale.length)
}

/**
 * @param unit whether each point is its row divided by the row's length
 * @param vectors how many vectors are compared with all points at once
 */
export const pointsOf = (
  { values, width }: FeatureMatrix,
  unit: boolean,
  vectors: number,
  { prepare }: Pick<ProbeTools, 'prepare'>,
): Points => {
  const count = values.length / width
  const scale = unit ? inverseLengths(values, width) : new Float32Array(count).fill(1)
  const mean = meanOf(values, width, scale)
  const at = (place: number): Float32Array => {
    const row = values.subarray(place * width, (place + 1) * width)
    return Float32Array.from(row, (value, i) => value * scale[place]! - mean[i]!)
  }
  const squares = Float32Array.from({ length: count }, (_, place) => {
    let sum = 0
    for (let i = 0; i < width; i++) sum += (values[place * width + i]! * scale[place]! - mean[i]!) ** 2
    return sum
  })
  const total = squares.reduce((sum, square) => sum + square, 0)
  const rows = Math.min(count, Math.max(1, Math.floor(AT_ONCE / vectors)))
  const parts = Array.from({ length: Math.ceil(count / rows) }, (_, part) => {
    const [from, to] = [part * rows, Math.min(count, (part + 1) * rows)]
    const { run } = prepare(nearestCentres, {
      points: { values: values.subarray(from * width, to * width), shape: [to - from, width] },
      scale: { values: scale.subarray(from, to), shape: [to - from, 1] },
      mean: { values: mean, shape: [1, width] },
    })
    return { from, run }
  })
  return {
    count,
    width,
    squares,
    at,
    products: async (some) => {
      const number = some.length / width
      const all = new Float32Array(count * number)
      for (const { from, run } of parts) {
        const { products } = await run({ centres: { values: some, shape: [1, number, width] } }, ['products'])
        all.set(products!.values, from * number)
      }
      return all
    },
    assign: async (centres, starts, k) => {
      const sums = new Float64Array(centres.length)
      const counts = new Float64Array(starts * k)
      const gains = new Float64Array(starts)
      for (const { run } of parts) {
        const found = await run({ centres: { values: centres, shape: [starts, k, width] } }, ['sums', 'counts', 'gain'])
        add(sums, found.sums!.values)
        add(counts, found.counts!.values)
        add(gains, found.gain!.values)
      }
      for (let i = 0; i < sums.length; i++) sums[i]! -= counts[Math.floor(i / width)]! * mean[i % width]!
      return { sums, counts, inertia: gains.map((gain) => total - gain) }
    },
  }
}
