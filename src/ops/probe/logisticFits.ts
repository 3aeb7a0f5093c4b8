/** Multinomial logistic regressions with an L2 penalty, one for each strength of it, fitted together. */
import { add, chunkRows, eachChunk } from '../../base/chunks'
import { type Asking, type Evaluation, lbfgs, type Minimum, together } from '../../metric/lbfgs'
import { crossEntropies } from '../../nn/linearClassifier'
import type { FeatureMatrix, ProbeTools } from './kind'
import type { Classifiers, LabelledRows } from './linearTrainer'

/** How features are moved and scaled for the fit: x ↦ (x - shift) / scale. */
export interface Scaling {
  readonly shift: Float64Array
  readonly scale: Float64Array
}

/** Means over the rows, column by column, of what is made of each value. */
const columnMeans = (values: Float32Array, width: number, of: (value: number, column: number) => number): Float64Array => {
  const sums = new Float64Array(width)
  for (let first = 0; first < values.length; first += width) for (let i = 0; i < width; i++) sums[i]! += of(values[first + i]!, i)
  return sums.map((sum) => (sum * width) / values.length)
}

/**
 * The scaling of some rows. Shifted by their means in any case: it changes no optimum, as no bias is penalised, and makes it much easier
 * to find. With `standardize` scaled by their standard deviations; without, by 1.
 */
export const scalingOf = ({ values, width }: FeatureMatrix, standardize: boolean): Scaling => {
  const shift = columnMeans(values, width, (value) => value)
  if (!standardize) return { shift, scale: new Float64Array(width).fill(1) }
  const squares = columnMeans(values, width, (value, i) => (value - shift[i]!) ** 2)
  // What is the same in all rows tells nothing, at whatever scale.
  return { shift, scale: squares.map((square) => Math.sqrt(square) || 1) }
}

export interface Fit {
  /** The inverse of the penalty's strength: the function is C · Σ cross-entropy + ‖W‖² / 2. */
  readonly C: number
  /** Weights [D, classes] of the scaled features, then the biases. */
  readonly point: Float64Array
  /** The function, divided by C and by how many rows count. */
  readonly value: number
  readonly iterations: number
  readonly converged: boolean
}

/** What a fit begins with. */
export type Start = Pick<Fit, 'C' | 'point'>

/** Logits of a row that are computed together at most. L-BFGS keeps twenty numbers for each weight behind them. */
const LOGITS = 1024

/** Several points as classifiers of the features themselves, in `places` places: weights [D, places · classes], biases [places · classes]. */
export const classifiersOf = (
  points: readonly Float64Array[],
  { shift, scale }: Scaling,
  classes: number,
  places: number,
): Classifiers => {
  const width = shift.length
  const columns = places * classes
  const weights = new Float32Array(width * columns)
  const bias = new Float32Array(columns)
  for (const [k, point] of points.entries())
    for (let c = 0; c < classes; c++) {
      let moved = point[width * classes + c]!
      for (let i = 0; i < width; i++) {
        const weight = point[i * classes + c]! / scale[i]!
        weights[i * columns + k * classes + c] = weight
        moved -= shift[i]! * weight
      }
      bias[k * classes + c] = moved
    }
  return { weights, bias }
}

export interface LogisticFits {
  /** Fits one classifier for each start, of the rows that count: 1, or 0. */
  readonly fit: (starts: readonly Start[], counted: Float32Array) => Promise<readonly Fit[]>
}

export interface FitOptions {
  readonly iterations: number
  /** No part of the gradient of a fit's value is larger in the end. */
  readonly tolerance: number
}

/** Losses, and their gradients by weights and biases. */
type Sums = readonly [Float64Array, Float64Array, Float64Array]

/** Fits on some rows, which go to what computes in chunks. */
export const logisticFits = (
  { prepare }: Pick<ProbeTools, 'prepare'>,
  rows: LabelledRows,
  classes: number,
  scaling: Scaling,
  { iterations, tolerance }: FitOptions,
): LogisticFits => {
  const { values, width, labels } = rows
  const count = labels.length
  const { shift, scale } = scaling
  const { run } = prepare(crossEntropies(classes))
  const classOf = Float32Array.from(labels)
  const most = Math.max(1, Math.floor(LOGITS / classes))

  /** Values and gradients of points, computed for as many as there are places. */
  const evaluate = async (
    points: readonly { readonly point: Float64Array; readonly C: number }[],
    places: number,
    counted: Float32Array,
    sum: number,
  ): Promise<readonly Evaluation[]> => {
    const given = classifiersOf(
      points.map(({ point }) => point),
      scaling,
      classes,
      places,
    )
    const columns = places * classes
    const [losses, weights, bias] = [places, width * columns, columns].map((size) => new Float64Array(size)) as unknown as Sums
    await eachChunk(
      count,
      chunkRows(width, columns),
      (from, to) =>
        run({
          features: { values: values.subarray(from * width, to * width), shape: [to - from, width] },
          labels: { values: classOf.subarray(from, to), shape: [to - from] },
          counted: { values: counted.subarray(from, to), shape: [to - from] },
          weights: { values: given.weights, shape: [width, columns] },
          bias: { values: given.bias, shape: [1, columns] },
        }),
      (found) => {
        add(losses, found.losses!.values)
        add(weights, found.weights!.values)
        add(bias, found.bias!.values)
      },
    )
    return points.map(({ point, C }, k) => {
      const gradient = new Float64Array(point.length)
      let value = losses[k]! / sum
      const decay = 1 / (C * sum)
      for (let c = 0; c < classes; c++) {
        const slope = bias[k * classes + c]!
        gradient[width * classes + c] = slope / sum
        for (let i = 0; i < width; i++) {
          const at = i * classes + c
          const weight = point[at]!
          gradient[at] = (weights[i * columns + k * classes + c]! - shift[i]! * slope) / (scale[i]! * sum) + decay * weight
          value += (decay / 2) * weight * weight
        }
      }
      return { value, gradient }
    })
  }

  const fitSome = async (starts: readonly Start[], counted: Float32Array): Promise<readonly Fit[]> => {
    const sum = counted.reduce((all, one) => all + one, 0)
    let places = starts.length
    const asking = starts.map(({ point }): Asking<Minimum> => lbfgs(point, { iterations, tolerance }))
    const minima = await together(asking, (asked) => {
      // Each number of places is recorded once: it only falls by half.
      if (asked.length <= places / 2) places = asked.length
      const points = asked.map(({ which, point }) => ({ point, C: starts[which]!.C }))
      return evaluate(points, places, counted, sum)
    })
    return minima.map((minimum, i) => ({ C: starts[i]!.C, ...minimum }))
  }

  return {
    fit: async (starts, counted) => {
      const fits: Fit[] = []
      for (let first = 0; first < starts.length; first += most)
        fits.push(...(await fitSome(starts.slice(first, first + most), counted)))
      return fits
    },
  }
}
