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

/** The bank rows nearest to one query, most similar first; of equally similar rows the one with the lower index first. */
export interface Neighbours {
  /** Rows of the bank. */
  readonly indices: Uint32Array
  /** Their similarities, descending. */
  readonly similarities: Float32Array
}

/** Rows of equal width with one class id, a non-negative integer, a row. */
export interface LabelledFeatures {
  /** [rows, width], row after row. */
  readonly features: Float32Array
  readonly labels: ArrayLike<number>
}

/**
 * Similarities of a chunk of queries to every bank row: [rows, width] → [rows, bank rows]. The one costly step, hence
 * left to whoever has a faster product of matrices.
 */
export type Similarities = (queries: Float32Array, rows: number) => Float32Array | Promise<Float32Array>

/** The k most similar bank rows of each query of a chunk: [rows, width] → rows. */
export type Nearest = (queries: Float32Array, rows: number, k: number) => Promise<readonly Neighbours[]>

/** Neighbours chosen from all similarities. */
export const selecting =
  (similarities: Similarities): Nearest =>
  async (queries, rows, k) => {
    const products = await similarities(queries, rows)
    const bankRows = products.length / rows
    return Array.from({ length: rows }, (_, i) => mostSimilar(products.subarray(i * bankRows, (i + 1) * bankRows), k))
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
  readonly similarities?: Similarities
  /** Defaults to a selection from `similarities`; whoever has both in one place is faster. */
  readonly nearest?: Nearest
  /** Queries a product takes at once; bounds the memory to chunk × bank rows floats. */
  readonly chunk?: number
}

const SMALLEST_NORM = 1e-12
const CHUNK = 256

/**
 * Every row divided by its Euclidean length, or by 1e-12 where it is shorter (`torch.nn.functional.normalize`).
 *
 * @param features [rows, width]
 * @returns [rows, width], a new array; a zero row stays zero
 */
export const normalizeRows = (features: Float32Array, width: number): Float32Array => {
  const unit = new Float32Array(features.length)
  for (let start = 0; start < features.length; start += width) {
    let squares = 0
    for (let i = start; i < start + width; i++) squares += features[i]! * features[i]!
    const length = Math.max(Math.sqrt(squares), SMALLEST_NORM)
    for (let i = start; i < start + width; i++) unit[i] = features[i]! / length
  }
  return unit
}

/**
 * Dot products with the rows of `bank` [bank rows, width], on typed arrays alone.
 *
 * Bank rows are taken by fours, so that a query's value is read once for four products, and in blocks that stay in the
 * processor's cache while all queries of the chunk pass.
 */
export const dotProducts = (bank: Float32Array, width: number): ((queries: Float32Array, rows: number) => Float32Array) => {
  const bankRows = bank.length / width
  const block = 4 * Math.max(1, Math.floor(16384 / width))
  return (queries, rows) => {
    const products = new Float32Array(rows * bankRows)
    for (let first = 0; first < bankRows; first += block) {
      const end = Math.min(first + block, bankRows)
      for (let row = 0; row < rows; row++) multiplyBlock(queries, row * width, bank, width, first, end, products, row * bankRows)
    }
    return products
  }
}

/** Writes the products of the query at `query` with bank rows first … end-1 to `products`, from `target` + first on. */
const multiplyBlock = (
  queries: Float32Array,
  query: number,
  bank: Float32Array,
  width: number,
  first: number,
  end: number,
  products: Float32Array,
  target: number,
): void => {
  let row = first
  for (; row + 4 <= end; row += 4) {
    const a = row * width
    const b = a + width
    const c = b + width
    const d = c + width
    let toA = 0
    let toB = 0
    let toC = 0
    let toD = 0
    for (let i = 0; i < width; i++) {
      const value = queries[query + i]!
      toA += value * bank[a + i]!
      toB += value * bank[b + i]!
      toC += value * bank[c + i]!
      toD += value * bank[d + i]!
    }
    products[target + row] = toA
    products[target + row + 1] = toB
    products[target + row + 2] = toC
    products[target + row + 3] = toD
  }
  for (; row < end; row++) {
    let product = 0
    for (let i = 0; i < width; i++) product += queries[query + i]! * bank[row * width + i]!
    products[target + row] = product
  }
}

/**
 * The k largest entries of a row of similarities, without sorting the others.
 *
 * A heap keeps the best so far with the worst of them on top, so most entries cost one comparison.
 *
 * @param row [bank rows], no NaN
 * @param k ≥ 1; the whole row where it is longer than that
 */
export const mostSimilar = (row: Float32Array, k: number): Neighbours => {
  const size = Math.min(k, row.length)
  const indices = new Uint32Array(size)
  const similarities = new Float32Array(size)
  /** Puts an entry where it belongs below `hole` in a heap of `length` entries; later rows lose ties, hence are worse. */
  const sink = (index: number, similarity: number, from: number, length: number): void => {
    let hole = from
    for (let child = 2 * hole + 1; child < length; child = 2 * hole + 1) {
      let worst = similarities[child]!
      const sibling = child + 1
      if (sibling < length) {
        const other = similarities[sibling]!
        if (other < worst || (other === worst && indices[sibling]! > indices[child]!)) {
          child = sibling
          worst = other
        }
      }
      if (worst > similarity || (worst === similarity && indices[child]! < index)) break
      indices[hole] = indices[child]!
      similarities[hole] = worst
      hole = child
    }
    indices[hole] = index
    similarities[hole] = similarity
  }

  for (let i = 0; i < size; i++) {
    indices[i] = i
    similarities[i] = row[i]!
  }
  for (let i = (size >> 1) - 1; i >= 0; i--) sink(i, row[i]!, i, size)
  let bar = similarities[0] ?? 0
  for (let i = size; i < row.length; i++) {
    const similarity = row[i]!
    if (similarity > bar) {
      sink(i, similarity, 0, size)
      bar = similarities[0]!
    }
  }
  // Moves the worst of what is left to the end, again and again: descending order.
  for (let end = size - 1; end > 0; end--) {
    const index = indices[end]!
    const similarity = similarities[end]!
    indices[end] = indices[0]!
    similarities[end] = similarities[0]!
    sink(index, similarity, 0, end)
  }
  return { indices, similarities }
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
 * Scores the votes of `bank` on `queries`, whose rows have length 1 (see `normalizeRows`) and the same width.
 *
 * @param width features a row
 * @returns one score for each of `options.neighbours`, in their order; NaN accuracies without queries
 */
export const classify = async (
  bank: LabelledFeatures,
  queries: LabelledFeatures,
  width: number,
  options: KnnOptions,
): Promise<readonly KnnScore[]> => {
  const { neighbours, temperature, similarities = dotProducts(bank.features, width), chunk = CHUNK } = options
  const { nearest = selecting(similarities) } = options
  const count = queries.labels.length
  const classes = classCount(bank.labels, queries.labels)
  const most = Math.max(...neighbours)
  const ranks = neighbours.map(() => new Uint32Array(count))
  for (let first = 0; first < count; first += chunk) {
    const end = Math.min(first + chunk, count)
    const found = await nearest(queries.features.subarray(first * width, end * width), end - first, most)
    for (const [at, voters] of found.entries()) {
      const query = first + at
      neighbours.forEach((k, i) => {
        ranks[i]![query] = rank(vote(voters, bank.labels, classes, k, temperature), queries.labels[query]!)
      })
    }
  }
  return neighbours.map((k, i) => ({ k, top1: accuracy(ranks[i]!, 1), top5: accuracy(ranks[i]!, 5), ranks: ranks[i]! }))
}
