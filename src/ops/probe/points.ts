/** Rows of features as points that k-means clusters, computed where the training is. */
import { add, chunkRows, eachChunk } from '../../base/chunks'
import type { Points } from '../../metric/kMeans'
import { nearestCentres } from '../../nn/nearestCentres'
import type { HostTensors } from '../../nn/tensorFunction'
import type { FeatureMatrix, ProbeTools } from './kind'

/** Keeps a row of zeros from being divided by 0. */
const SMALLEST_NORM = 1e-12

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

/** @param unit whether each point is its row divided by the row's length */
export const pointsOf = ({ values, width }: FeatureMatrix, unit: boolean, { prepare }: Pick<ProbeTools, 'prepare'>): Points => {
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
  const { run } = prepare(nearestCentres)
  /** What is found of all points, a chunk after the other. */
  const each = (
    centres: Float32Array,
    starts: number,
    k: number,
    wanted: readonly string[],
    take: (found: HostTensors, from: number) => void,
  ): Promise<void> =>
    eachChunk(
      count,
      chunkRows(width, starts * k),
      (from, to) =>
        run(
          {
            points: { values: values.subarray(from * width, to * width), shape: [to - from, width] },
            scale: { values: scale.subarray(from, to), shape: [to - from, 1] },
            mean: { values: mean, shape: [1, width] },
            centres: { values: centres, shape: [starts, k, width] },
          },
          wanted,
        ),
      take,
    )
  return {
    count,
    width,
    squares,
    at,
    products: (vectors, take) =>
      each(vectors, 1, vectors.length / width, ['products'], ({ products }, from) => take(products!.values, from)),
    assign: async (centres, starts, k) => {
      const sums = new Float64Array(centres.length)
      const counts = new Float64Array(starts * k)
      const gains = new Float64Array(starts)
      await each(centres, starts, k, ['sums', 'counts', 'gain'], (found) => {
        add(sums, found.sums!.values)
        add(counts, found.counts!.values)
        add(gains, found.gain!.values)
      })
      for (let i = 0; i < sums.length; i++) sums[i]! -= counts[Math.floor(i / width)]! * mean[i % width]!
      return { sums, counts, inertia: gains.map((gain) => total - gain) }
    },
  }
}
