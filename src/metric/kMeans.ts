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
 * The points [count, width], wherever they are, and what is computed of all of them. They are counted from their mean, as
 * numbers that are much larger than their differences lose these.
 */
export interface Points {
  readonly count: number
  readonly width: number
  /** The point at a place, as it is compared. */
  readonly at: (place: number) => Float32Array
  /** Squared lengths: [count]. */
  readonly squares: Float32Array
  /**
   * Products with some vectors [vectors, width]. `take` gets those of some points after the other: [points, vectors], which it may
   * change, of the points from a place on.
   */
  readonly products: (vectors: Float32Array, take: (products: Float32Array, from: number) => void) => Promise<void>
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

/** Squared distances of all points to some vectors: `take` gets them as it gets products. */
const distancesTo = async (
  { width, squares, products }: Points,
  vectors: Float32Array,
  take: (distances: Float32Array, from: number, to: number) => void,
): Promise<void> => {
  const number = vectors.length / width
  const lengths = Float64Array.from({ length: number }, (_, j) => {
    let sum = 0
    for (let i = j * width; i < (j + 1) * width; i++) sum += vectors[i]! ** 2
    return sum
  })
  await products(vectors, (some, from) => {
    const rows = some.length / number
    for (let row = 0; row < rows; row++)
      for (let j = 0; j < number; j++) {
        const at = row * number + j
        some[at] = Math.max(0, squares[from + row]! + lengths[j]! - 2 * some[at]!)
      }
    take(some, from, from + rows)
  })
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

/** Running sums of values, in memory that they fill. */
const cumulate = (values: Float32Array, into: Float64Array): Float64Array => {
  let sum = 0
  for (let i = 0; i < values.length; i++) into[i] = sum += values[i]!
  return into
}

/** The points at some places, one after the other. */
const pointsAt = ({ width, at }: Points, places: readonly number[]): Float32Array => {
  const vectors = new Float32Array(places.length * width)
  for (const [i, place] of places.entries()) vectors.set(at(place), i * width)
  return vectors
}

/**
 * Of some places for each start the one that leaves the least, if its point is a centre: the sum over all points of their squared distances to what
 * is `nearest` then. Distances are too many to be kept until the best is known.
 */
const bestOf = async (
  points: Points,
  places: readonly (readonly number[])[],
  nearest: readonly Float32Array[],
): Promise<readonly number[]> => {
  const all = places.flat()
  const trials = all.length / places.length
  const left = new Float64Array(all.length)
  await distancesTo(points, pointsAt(points, all), (distances, from, to) => {
    for (const [start, before] of nearest.entries())
      for (let row = from; row < to; row++)
        for (let column = start * trials; column < (start + 1) * trials; column++)
          left[column]! += Math.min(before[row]!, distances[(row - from) * all.length + column]!)
  })
  return places.map((own, start) => {
    const of = left.subarray(start * trials, (start + 1) * trials)
    return own[of.reduce((best, sum, i) => (sum < of[best]! ? i : best), 0)]!
  })
}

/** First centres [starts, k, width]: each is drawn by the squared distance to those before it, the best of some trials. */
export const firstCentres = async (points: Points, { k, starts, draws }: KMeansOptions): Promise<Float32Array> => {
  const { count, width } = points
  const trials = 2 + Math.floor(Math.log(k))
  const randoms = Array.from({ length: starts }, (_, start) => draws(start))
  const centres = new Float32Array(starts * k * width)
  /** Squared distances to the nearest of the centres so far. */
  const nearest = randoms.map(() => new Float32Array(count).fill(Number.POSITIVE_INFINITY))
  const sums = new Float64Array(count)
  const drawn = (random: Random, of: Float32Array): readonly number[] => {
    cumulate(of, sums)
    return Array.from({ length: trials }, () => placeAt(sums, random.uniform() * sums[count - 1]!))
  }
  for (let j = 0; j < k; j++) {
    const places =
      j === 0
        ? randoms.map((random) => random.integer(count))
        : await bestOf(
            points,
            randoms.map((random, start) => drawn(random, nearest[start]!)),
            nearest,
          )
    const chosen = pointsAt(points, places)
    for (let start = 0; start < starts; start++)
      centres.set(chosen.subarray(start * width, (start + 1) * width), (start * k + j) * width)
    if (j === k - 1) break
    await distancesTo(points, chosen, (distances, from, to) => {
      for (const [start, before] of nearest.entries())
        for (let row = from; row < to; row++) before[row] = Math.min(before[row]!, distances[(row - from) * starts + start]!)
    })
  }
  return centres
}

/** The mean over the features of their variances over the points. */
const meanVariance = ({ count, width, squares }: Points): number =>
  squares.reduce((sum, square) => sum + square, 0) / (count * width)

/** The cluster of each point under centres [k, width], the lower one where two are equally near, and its squared distance. */
const labelled = async (points: Points, centres: Float32Array) => {
  const k = centres.length / points.width
  const labels = new Uint32Array(points.count)
  const own = new Float32Array(points.count)
  await distancesTo(points, centres, (distances, from, to) => {
    for (let row = from; row < to; row++) {
      const first = (row - from) * k
      let best = 0
      for (let j = 1; j < k; j++) if (distances[first + j]! < distances[first + best]!) best = j
      labels[row] = best
      own[row] = distances[first + best]!
    }
  })
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
