/**
 * Agreement of a clustering with the true classes: information, pair counts, and accuracy under the best one-to-one naming
 * of clusters.
 *
 * The four numbers of the official `unsup_cls.py`. All take two lists of integer ids of equal length, one entry a sample;
 * only which samples share an id matters.
 */

import { entropy } from './entropy'
import { assign } from './hungarian'

type Ids = ArrayLike<number>

/** How often each pair of class and cluster meets: what all scores are computed from. */
interface Contingency {
  readonly samples: number
  /** Distinct ids in ascending order: rows are classes, columns are clusters. */
  readonly classes: readonly number[]
  readonly clusters: readonly number[]
  /** [classes, clusters] */
  readonly counts: Float64Array
  readonly classSizes: Float64Array
  readonly clusterSizes: Float64Array
}

const distinct = (ids: Ids): readonly number[] => {
  const seen = new Set<number>()
  for (let i = 0; i < ids.length; i++) seen.add(ids[i]!)
  return [...seen].sort((a, b) => a - b)
}

const positions = (ids: readonly number[]): ReadonlyMap<number, number> => new Map(ids.map((id, position) => [id, position]))

const contingency = (labels: Ids, predicted: Ids): Contingency => {
  const classes = distinct(labels)
  const clusters = distinct(predicted)
  const rowOf = positions(classes)
  const columnOf = positions(clusters)
  const counts = new Float64Array(classes.length * clusters.length)
  const classSizes = new Float64Array(classes.length)
  const clusterSizes = new Float64Array(clusters.length)
  for (let i = 0; i < labels.length; i++) {
    const row = rowOf.get(labels[i]!)!
    const column = columnOf.get(predicted[i]!)!
    counts[row * clusters.length + column]! += 1
    classSizes[row]! += 1
    clusterSizes[column]! += 1
  }
  return { samples: labels.length, classes, clusters, counts, classSizes, clusterSizes }
}

const sumOfSquares = (values: Float64Array): number => values.reduce((sum, value) => sum + value * value, 0)

const mutualInformation = ({ samples, classes, clusters, counts, classSizes, clusterSizes }: Contingency): number => {
  let information = 0
  for (let row = 0; row < classes.length; row++) {
    for (let column = 0; column < clusters.length; column++) {
      const count = counts[row * clusters.length + column]!
      if (count === 0) continue
      information += (count / samples) * Math.log((count * samples) / (classSizes[row]! * clusterSizes[column]!))
    }
  }
  return information
}

/**
 * Mutual information divided by the arithmetic mean of the two entropies, in [0, 1].
 *
 * 1 where both put all samples together, or where there are none. Strehl & Ghosh, JMLR 3 (2002), with the mean of
 * `sklearn.metrics.normalized_mutual_info_score`.
 */
export const normalizedMutualInformation = (labels: Ids, predicted: Ids): number => {
  const table = contingency(labels, predicted)
  if (table.classes.length <= 1 && table.clusters.length <= 1) return 1
  const information = mutualInformation(table)
  // Independent partitions give zero up to rounding, of either sign.
  if (information <= Number.EPSILON) return 0
  const mean = (entropy(table.classSizes) + entropy(table.clusterSizes)) / 2
  return information / mean
}

/**
 * Rand index corrected for chance, in [-1/2, 1]: 0 is the expectation of random clusters, 1 is agreement on every pair.
 *
 * Hubert & Arabie, "Comparing partitions", Journal of Classification 2 (1985).
 */
export const adjustedRandIndex = (labels: Ids, predicted: Ids): number => {
  const { samples, counts, classSizes, clusterSizes } = contingency(labels, predicted)
  // Ordered pairs of different samples: together in both, in the classes, in the clusters, and all.
  const both = sumOfSquares(counts) - samples
  const inClasses = sumOfSquares(classSizes) - samples
  const inClusters = sumOfSquares(clusterSizes) - samples
  const all = samples * (samples - 1)
  if (both === inClasses && both === inClusters) return 1
  const expected = (inClasses / all) * inClusters
  return (both - expected) / ((inClasses + inClusters) / 2 - expected)
}

/**
 * Geometric mean of the precision and the recall of pairs put together, in [0, 1]; 0 where no pair is together in both.
 *
 * Fowlkes & Mallows, "A method for comparing two hierarchical clusterings", JASA 78 (1983).
 */
export const fowlkesMallows = (labels: Ids, predicted: Ids): number => {
  const { samples, counts, classSizes, clusterSizes } = contingency(labels, predicted)
  const both = sumOfSquares(counts) - samples
  if (both === 0) return 0
  return Math.sqrt(both / (sumOfSquares(classSizes) - samples)) * Math.sqrt(both / (sumOfSquares(clusterSizes) - samples))
}

/** Whether each sample's cluster is named after its class, 1 or 0, under the naming of clusters with the most agreement. */
export const wellNamed = (labels: Ids, predicted: Ids): Uint8Array => {
  const names = bestNames(contingency(labels, predicted))
  return Uint8Array.from({ length: labels.length }, (_, i) => (names.get(predicted[i]!) === labels[i] ? 1 : 0))
}

/** The class that each cluster stands for under the naming with the most agreement; clusters left over have none. */
const bestNames = ({ classes, clusters, counts }: Contingency): ReadonlyMap<number, number> => {
  const size = Math.max(classes.length, clusters.length)
  const costs = new Float64Array(size * size)
  for (let row = 0; row < classes.length; row++) {
    for (let column = 0; column < clusters.length; column++) {
      costs[column * size + row] = -counts[row * clusters.length + column]!
    }
  }
  const classOf = assign(costs, size)
  return new Map(
    clusters.flatMap((cluster, column) => {
      const name = classes[classOf[column]!]
      return name === undefined ? [] : [[cluster, name]]
    }),
  )
}

/**
 * The share of samples whose cluster stands for their class under the best one-to-one naming, in (0, 1]; NaN without
 * samples. Samples of surplus clusters count as wrong.
 *
 * The official `eval_pred` agrees where both ids are 0 … n-1 and cluster 0 occurs. Where it doesn't occur, the official
 * code subtracts the smallest cluster id before it looks up names made for the ids as they were, so that clusters answer
 * for their neighbours; that number is not a property of the partition and is not reproduced.
 */
export const hungarianAccuracy = (labels: Ids, predicted: Ids): number => {
  const hits = wellNamed(labels, predicted).reduce((sum, hit) => sum + hit, 0)
  return hits / labels.length
}

/** The scores of one clustering. */
export interface ClusteringScores {
  readonly nmi: number
  readonly ari: number
  readonly fowlkesMallows: number
  /** -1 where it was not asked for, as in the official code. */
  readonly accuracy: number
}

/** All scores at once; the accuracy only on request, as it is cubic in the number of ids. */
export const clusteringScores = (labels: Ids, predicted: Ids, withAccuracy: boolean): ClusteringScores => ({
  nmi: normalizedMutualInformation(labels, predicted),
  ari: adjustedRandIndex(labels, predicted),
  fowlkesMallows: fowlkesMallows(labels, predicted),
  accuracy: withAccuracy ? hungarianAccuracy(labels, predicted) : -1,
})
