/**
 * k-means by Lloyd's algorithm from k-means++ starts, several starts side by side: what each has to compute of all points it
 * computes in one go with the others.
 *
 * Lloyd, "Least squares quantization in PCM", IEEE Trans. Inf. Theory 28 (1982); Arthur & Vassilvitskii, "k-means++: the
 * advantages of careful seeding", SODA 2007, with the trials, the treatment of empty clusters and the rule for the end of
 * scikit-learn's `KMeans`.
 */
import type { Random } from '../base/random'

/** What the points become under some centres. Centres [starts, k, width] of several starts stand one after the other. */
export interface Assigned {
  /** Sums of the points of each cluster: [starts, k, width]. */
  readonly sums: Float64Array
  /** How many points each has: [starts, k]. */
  readonly counts: Float64Array
  /** Sum of the squared distances of all points to the centres that are theirs: [starts]. */
  readonly inertia: Float64Array
}

/**
 * The points [count, width], wherever they are, and what is computed of all of them. They are best counted from their mean, as
 * numbers that are much larger than their differences lose these.
 */
export interface Points {
  readonly count: number
  readonly width: number
  /** The point at a place, as it is compared. */
  readonly at: (place: number) => Float32Array
  /** Squared lengths: [count]. */
  readonly squares: Float32Array
  /** Products with some vectors [vectors, width]: [count, vectors]. */
  readonly products: (vectors: Float32Array) => Promise<Float32Array>
  readonly assign: (centres: Float32Array, starts: number, k: number) => Promise<Assigned>
}

export interface KMeansOptions {
  /** Clusters, at most as many as there are points. */
  readonly k: number
  /** How many starts; the one that ends with the least inertia counts. */
  readonly starts: number
  /** Most rounds of one start. */
  readonly rounds: number
  /** A start ends when its centres move by less than this share of the features' mean variance, squared and summed. */
  readonly tolerance: number
  /** The draws of a start. */
  readonly draws: (start: number) => Random
}

export interface Clustering {
  /** The cluster of each point. */
  readonly labels: Uint32Array
  /** Sum of the squared distances to the centres. */
  readonly inertia: number
  /** [k, width] */
  readonly centres: Float32Array
  /** Rounds that the start took. */
  readonly rounds: number
}

/** Squared distances of all points to some vectors: [count, vectors]. */
const distancesTo = async ({ count, squares, products }: Points, vectors: Float32Array, width: number): Promise<Float32Array> => {
  const number = vectors.length / width
  const lengths = Float64Array.from({ length: number }, (_, j) => {
    let sum = 0
    for (let i = j * width; i < (j + 1) * width; i++) sum += vectors[i]! ** 2
    return sum
  })
  const distances = await products(vectors)
  for (let row = 0; row < count; row++)
    for (let j = 0; j < number; j++) {
      const at = row * number + j
      distances[at] = Math.max(0, squares[row]! + lengths[j]! - 2 * distances[at]!)
    }
  return distances
}

/** Where a running sum of values first reaches `bar`; the last place if rounding keeps it below. */
const placeAt = (cumulated: Float64Array, bar: number): number => {
  let [low, high] = [0, cumulated.length - 1]
  while (low < high) {
    const middle = (low + high) >> 1
    if (cumulated[middle]! < bar) low = middle + 1
    else high = middle
  }
  return low
}

const cumulated = (values: Float32Array): Float64Array => {
  const sums = new Float64Array(values.length)
  let sum = 0
  for (let i = 0; i < values.length; i++) sums[i] = sum += values[i]!
  return sums
}

/** First centres [starts, k, width]: each is drawn by the squared distance to those before it, the best of some trials. */
export const firstCentres = async (points: Points, { k, starts, draws }: KMeansOptions): Promise<Float32Array> => {
  const { count, width, at } = points
  const trials = 2 + Math.floor(Math.log(k))
  const randoms = Array.from({ length: starts }, (_, start) => draws(start))
  const centres = new Float32Array(starts * k * width)
  const nearest = randoms.map(() => new Float32Array(count).fill(Number.POSITIVE_INFINITY))
  for (let j = 0; j < k; j++) {
    const places = randoms.map((random, start) => {
      if (j === 0) return [random.integer(count)]
      const sums = cumulated(nearest[start]!)
      return Array.from({ length: trials }, () => placeAt(sums, random.uniform() * sums[count - 1]!))
    })
    const candidates = places.flat()
    const vectors = new Float32Array(candidates.length * width)
    for (const [i, place] of candidates.entries()) vectors.set(at(place), i * width)
    const distances = await distancesTo(points, vectors, width)
    let column = 0
    for (const [start, own] of places.entries()) {
      const before = nearest[start]!
      let best: { readonly column: number; readonly place: number; readonly sum: number } | undefined
      for (const place of own) {
        let sum = 0
        for (let row = 0; row < count; row++) sum += Math.min(before[row]!, distances[row * candidates.length + column]!)
        if (best === undefined || sum < best.sum) best = { column, place, sum }
        column++
      }
      for (let row = 0; row < count; row++)
        before[row] = Math.min(before[row]!, distances[row * candidates.length + best!.column]!)
      centres.set(at(best!.place), (start * k + j) * width)
    }
  }
  return centres
}

/** The mean over the features of their variances over the points. */
const meanVariance = ({ count, width, at }: Points): number => {
  const [sums, squares] = [new Float64Array(width), new Float64Array(width)]
  for (let place = 0; place < count; place++) {
    const point = at(place)
    for (let i = 0; i < width; i++) {
      sums[i]! += point[i]!
      squares[i]! += point[i]! ** 2
    }
  }
  let variance = 0
  for (let i = 0; i < width; i++) variance += Math.max(0, squares[i]! / count - (sums[i]! / count) ** 2)
  return variance / width
}

/** The cluster of each point under centres [k, width], the lower one where two are equally near, and its squared distance. */
const labelled = async (points: Points, centres: Float32Array) => {
  const k = centres.length / points.width
  const distances = await distancesTo(points, centres, points.width)
  const labels = new Uint32Array(points.count)
  const own = new Float32Array(points.count)
  for (let row = 0; row < points.count; row++) {
    let best = 0
    for (let j = 1; j < k; j++) if (distances[row * k + j]! < distances[row * k + best]!) best = j
    labels[row] = best
    own[row] = distances[row * k + best]!
  }
  return { labels, own }
}

/** Gives each empty cluster the point that is farthest from its own centre, of those that haven't been given yet. */
const filled = async (points: Points, centres: Float32Array, sums: Float64Array, counts: Float64Array): Promise<void> => {
  const { width, at } = points
  const empty = Array.from(counts.keys()).filter((j) => counts[j] === 0)
  if (empty.length === 0) return
  const { labels, own } = await labelled(points, centres)
  const farthest = Array.from(own.keys()).sort((a, b) => own[b]! - own[a]! || a - b)
  for (const [i, j] of empty.entries()) {
    const place = farthest[i]!
    const from = labels[place]!
    const point = at(place)
    for (let f = 0; f < width; f++) {
      sums[from * width + f]! -= point[f]!
      sums[j * width + f] = point[f]!
    }
    counts[from]!--
    counts[j] = 1
  }
}

/** Centres after a round: the means of their points. A cluster that gave its only point away stays where it was. */
const moved = (centres: Float32Array, sums: Float64Array, counts: Float64Array, width: number): Float32Array =>
  centres.map((old, i) => {
    const count = counts[Math.floor(i / width)]!
    return count > 0 ? sums[i]! / count : old
  })

/** Clusters points from given first centres [starts, k, width]. */
export const clusterFrom = async (points: Points, first: Float32Array, options: KMeansOptions): Promise<Clustering> => {
  const { width } = points
  const { k, starts, rounds, tolerance } = options
  const size = k * width
  const enough = tolerance * meanVariance(points)
  const ended: { readonly centres: Float32Array; readonly inertia: number; readonly rounds: number }[] = []
  let active: readonly Float32Array[] = Array.from({ length: starts }, (_, start) =>
    first.slice(start * size, (start + 1) * size),
  )
  for (let round = 1; active.length > 0; round++) {
    const all = new Float32Array(active.length * size)
    for (const [i, centres] of active.entries()) all.set(centres, i * size)
    const { sums, counts, inertia } = await points.assign(all, active.length, k)
    const going: Float32Array[] = []
    for (const [i, centres] of active.entries()) {
      const own = [sums.slice(i * size, (i + 1) * size), counts.slice(i * k, (i + 1) * k)] as const
      await filled(points, centres, ...own)
      const next = moved(centres, ...own, width)
      const shift = next.reduce((sum, value, at) => sum + (value - centres[at]!) ** 2, 0)
      if (shift <= enough || round >= rounds) ended.push({ centres: next, inertia: inertia[i]!, rounds: round })
      else going.push(next)
    }
    active = going
  }
  // What each came to in the end, under its last centres.
  const last = new Float32Array(ended.length * size)
  for (const [i, { centres }] of ended.entries()) last.set(centres, i * size)
  const { inertia } = await points.assign(last, ended.length, k)
  const best = inertia.reduce((least, value, i) => (value < inertia[least]! ? i : least), 0)
  const { centres, rounds: took } = ended[best]!
  const { labels, own } = await labelled(points, centres)
  return { labels, centres, rounds: took, inertia: own.reduce((sum, value) => sum + value, 0) }
}

/** Clusters points. */
export const kMeans = async (points: Points, options: KMeansOptions): Promise<Clustering> =>
  clusterFrom(points, await firstCentres(points, options), options)
