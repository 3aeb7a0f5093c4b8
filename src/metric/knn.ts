/**
 * Weighted k-nearest-neighbour classification of frozen features: the k most similar rows of a labelled bank vote for
 * their class with weight exp(similarity / temperature).
 *
 * Classes without votes tie at 0 and come lower id first. Where fewer than five classes have votes, the official top-5
 * accuracy is up to its sort, which is not stable, and can differ by those queries.
 *
 * Wu et al., "Unsupervised feature learning via non-parametric instance discrimination" (CVPR 2018), § 3.4; same numbers
 * as `knn_classifier` of the official `eval_knn.py`.
 */

import { type Chunks, dotProducts, eachNearest, type Nearest, type Neighbours, type Rows, selecting } from './neighbours'

/** Rows of length 1 with one class id, a non-negative integer, a row. */
export interface LabelledFeatures extends Rows {
  readonly labels: ArrayLike<number>
}

/** The outcome for one k; accuracies in percent. */
export interface KnnScore {
  readonly k: number
  readonly top1: number
  readonly top5: number
  /** Of each query, how many classes come before its own: 0 where it is classified right. */
  readonly ranks: Uint32Array
}

export interface KnnOptions {
  /** Numbers of neighbours, each ≥ 1; more than the bank has rows means all rows. Scored from one selection. */
  readonly neighbours: readonly number[]
  /** Divides similarities before the exponential; > 0, 0.07 in the paper. */
  readonly temperature: number
  /** Defaults to `dotProducts` on this thread. */
  readonly nearest?: Nearest
  /** Rows that are compared at a time; defaults to as many as take a fixed amount of memory. */
  readonly chunks?: Chunks
}

/**
 * The votes of the first k neighbours: for each class the sum of exp(similarity / temperature).
 *
 * @param labels [bank rows], each < classes
 * @returns [classes], 0 for a class that no neighbour belongs to
 */
export const vote = (
  neighbours: Neighbours,
  labels: ArrayLike<number>,
  classes: number,
  k: number,
  temperature: number,
): Float64Array => {
  const votes = new Float64Array(classes)
  const voters = Math.min(k, neighbours.indices.length)
  for (let i = 0; i < voters; i++) {
    votes[labels[neighbours.indices[i]!]!]! += Math.exp(neighbours.similarities[i]! / temperature)
  }
  return votes
}

/** How many classes come before `label` when votes are sorted in descending order, stably: 0 for the predicted class. */
export const rank = (votes: Float64Array, label: number): number => {
  const own = votes[label]!
  let before = 0
  for (let other = 0; other < votes.length; other++) {
    if (votes[other]! > own || (votes[other] === own && other < label)) before++
  }
  return before
}

/** The percentage of ranks below `top`: of queries whose own class is among the first `top`. */
export const accuracy = (ranks: ArrayLike<number>, top: number): number => {
  let hits = 0
  for (let i = 0; i < ranks.length; i++) if (ranks[i]! < top) hits++
  return (100 * hits) / ranks.length
}

const classCount = (...labels: readonly ArrayLike<number>[]): number => {
  let highest = -1
  for (const list of labels) for (let i = 0; i < list.length; i++) highest = Math.max(highest, list[i]!)
  return highest + 1
}

/**
 * Scores the votes of `bank` on `queries`, whose rows have length 1 (see `unitRows`) and the same width.
 *
 * @returns one score for each of `options.neighbours`, in their order; NaN accuracies without queries
 */
export const classify = async (
  bank: LabelledFeatures,
  queries: LabelledFeatures,
  { neighbours, temperature, nearest = selecting(bank.width, dotProducts(bank.width)), chunks }: KnnOptions,
): Promise<readonly KnnScore[]> => {
  const classes = classCount(bank.labels, queries.labels)
  const ranks = neighbours.map(() => new Uint32Array(queries.count))
  const take = (query: number, voters: Neighbours): void =>
    neighbours.forEach((k, i) => {
      ranks[i]![query] = rank(vote(voters, bank.labels, classes, k, temperature), queries.labels[query]!)
    })
  await eachNearest(bank, queries, Math.max(...neighbours), nearest, take, chunks)
  return neighbours.map((k, i) => ({ k, top1: accuracy(ranks[i]!, 1), top5: accuracy(ranks[i]!, 5), ranks: ranks[i]! }))
}
