/**
 * The rows of a bank that are most similar to queries by their products. Both are read a chunk at a time, so that no copy of the bank
 * is made, however large it is: of each query the best so far are kept, and merged with those of the next chunk.
 */
import { chunkRows, eachChunk } from '../base/chunks'

/** The bank rows nearest to one query, most similar first; of equally similar rows the one with the lower index first. */
export interface Neighbours {
  /** Rows of the bank. */
  readonly indices: Uint32Array
  /** Their similarities, descending. */
  readonly similarities: Float32Array
}

/** Rows of equal width that are read in their order, a chunk at a time. */
export interface Rows {
  readonly count: number
  readonly width: number
  /** Those from one to before another: [to - from, width]. They stand there until the chunk after the next is read. */
  readonly read: (from: number, to: number) => Float32Array
}

/**
 * Similarities of queries to the rows of a chunk of the bank: [rows, width] → [queries, width] → [queries, rows]. The one costly step,
 * hence left to whoever has a faster product of matrices.
 */
export type Similarities = (bank: Float32Array) => (queries: Float32Array) => Float32Array | Promise<Float32Array>

/**
 * The k rows of a chunk of the bank [rows, width] that are most similar to each query of a chunk [queries, width], all of its rows where it has no
 * more than k. Nothing is held from call to call; what is given is read until the promise is settled.
 */
export type Nearest = (bank: Float32Array, queries: Float32Array, k: number) => Promise<readonly Neighbours[]>

/** Queries that are compared with a chunk of the bank in one piece: so many rows of similarities are there at a time. */
export const SLICE = 512

/** Has queries answered so many at a time, some after the others. */
export const inSlices = async (
  queries: Float32Array,
  width: number,
  size: number,
  answer: (some: Float32Array) => Promise<readonly Neighbours[]>,
): Promise<readonly Neighbours[]> => {
  const found: Neighbours[] = []
  for (let from = 0; from < queries.length; from += size * width)
    found.push(...(await answer(queries.subarray(from, from + size * width))))
  return found
}

/** Neighbours chosen from all similarities. */
export const selecting =
  (width: number, similarities: Similarities): Nearest =>
  (bank, queries, k) => {
    const rows = bank.length / width
    const to = similarities(bank)
    return inSlices(queries, width, SLICE, async (some) => {
      const products = await to(some)
      return Array.from({ length: some.length / width }, (_, i) => mostSimilar(products.subarray(i * rows, (i + 1) * rows), k))
    })
  }

const SMALLEST_NORM = 1e-12

/** Rows from one to before another, each divided by its length, into the beginning of `unit`. */
const normalizeInto = (unit: Float32Array, features: Float32Array, width: number, from: number, to: number): void => {
  for (let start = from * width, target = 0; start < to * width; start += width, target += width) {
    let squares = 0
    for (let i = 0; i < width; i++) squares += features[start + i]! * features[start + i]!
    const length = Math.max(Math.sqrt(squares), SMALLEST_NORM)
    for (let i = 0; i < width; i++) unit[target + i] = features[start + i]! / length
  }
}

/**
 * Every row divided by its Euclidean length, or by 1e-12 where it is shorter (`torch.nn.functional.normalize`).
 *
 * @param features [rows, width]
 * @returns [rows, width], a new array; a zero row stays zero
 */
export const normalizeRows = (features: Float32Array, width: number): Float32Array => {
  const unit = new Float32Array(features.length)
  normalizeInto(unit, features, width, 0, features.length / width)
  return unit
}

/** The rows of features [rows, width] as they are. */
export const plainRows = (features: Float32Array, width: number): Rows => ({
  count: features.length / width,
  width,
  read: (from, to) => features.subarray(from * width, to * width),
})

/** The rows of features [rows, width] at length 1 (see `normalizeRows`), in two pieces of memory that go round. */
export const unitRows = (features: Float32Array, width: number): Rows => {
  let [next, other] = [new Float32Array(0), new Float32Array(0)]
  return {
    count: features.length / width,
    width,
    read: (from, to) => {
      const size = (to - from) * width
      const unit = next.length < size ? new Float32Array(size) : next
      ;[next, other] = [other, unit]
      normalizeInto(unit, features, width, from, to)
      return unit.subarray(0, size)
    },
  }
}

/**
 * Dot products of queries with rows of a bank, on typed arrays alone.
 *
 * Bank rows are taken by fours, so that a query's value is read once for four products, and in blocks that stay in the
 * processor's cache while all queries of the chunk pass.
 */
export const dotProducts =
  (width: number) =>
  (bank: Float32Array) =>
  (queries: Float32Array): Float32Array => {
    const [bankRows, rows] = [bank.length / width, queries.length / width]
    const products = new Float32Array(rows * bankRows)
    const block = 4 * Math.max(1, Math.floor(16384 / width))
    for (let first = 0; first < bankRows; first += block) {
      const end = Math.min(first + block, bankRows)
      for (let row = 0; row < rows; row++) multiplyBlock(queries, row * width, bank, width, first, end, products, row * bankRows)
    }
    return products
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

/** How many rows are read at a time. */
export interface Chunks {
  readonly bank: number
  /** As often as there are chunks of them, the bank is read. */
  readonly queries: number
}

/** Rows of a chunk of the bank for each neighbour that is wanted: the best of each chunk are found anew, which takes longer for many. */
const FOR_EACH = 64

/** So many times the usual size is the largest. */
const LARGEST = 4

/** Chunks that take a fixed amount of memory, however many rows there are. */
const chunksOf = (width: number, k: number): Chunks => {
  const usual = chunkRows(width, SLICE)
  return { bank: Math.max(usual, Math.min(LARGEST * usual, FOR_EACH * k)), queries: chunkRows(width, k) }
}

/** The k best of some queries so far. */
const newBest = (queries: number, k: number) => {
  const indices = new Uint32Array(queries * k)
  const similarities = new Float32Array(queries * k)
  /** Puts those of the next rows of the bank, which begin at `first`, among the `kept` best of a query. Of equal ones the earlier stay before. */
  const merge = (query: number, kept: number, { indices: places, similarities: found }: Neighbours, first: number): void => {
    const start = query * k
    const size = Math.min(k, kept + found.length)
    let old = 0
    let fresh = 0
    while (old + fresh < size)
      if (old < kept && (fresh === found.length || similarities[start + old]! >= found[fresh]!)) old++
      else fresh++
    // From the end, so that nothing is overwritten that is still to be moved.
    for (let to = start + size - 1; fresh > 0; to--) {
      if (old > 0 && similarities[start + old - 1]! < found[fresh - 1]!) {
        old--
        indices[to] = indices[start + old]!
        similarities[to] = similarities[start + old]!
      } else {
        fresh--
        indices[to] = first + places[fresh]!
        similarities[to] = found[fresh]!
      }
    }
  }
  return {
    merge,
    of: (query: number): Neighbours => ({
      indices: indices.subarray(query * k, (query + 1) * k),
      similarities: similarities.subarray(query * k, (query + 1) * k),
    }),
  }
}

/**
 * Finds the k rows of the whole bank that are most similar to each query, all of them where it has no more. What chunks there are changes nothing
 * but the order in which products are summed.
 *
 * @param take hears of each query, in their order; what it is told stands there until it returns
 */
export const eachNearest = async (
  bank: Rows,
  queries: Rows,
  k: number,
  nearest: Nearest,
  take: (query: number, found: Neighbours) => void,
  chunks: Chunks = chunksOf(bank.width, k),
): Promise<void> => {
  const size = Math.min(k, bank.count)
  const best = newBest(Math.min(chunks.queries, queries.count), size)
  for (let first = 0; first < queries.count; first += chunks.queries) {
    const end = Math.min(first + chunks.queries, queries.count)
    const some = queries.read(first, end)
    await eachChunk(
      bank.count,
      chunks.bank,
      (from, to) => nearest(bank.read(from, to), some, size),
      (found, from) => {
        for (const [query, one] of found.entries()) best.merge(query, Math.min(size, from), one, from)
      },
    )
    for (let query = first; query < end; query++) take(query, best.of(query - first))
  }
}
