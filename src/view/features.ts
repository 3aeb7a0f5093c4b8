/** What features of patches show: the paper's pictures of attention, components and correspondence, as pure functions. */
import { PCA } from 'ml-pca'
import { dotProducts, mostSimilar, type Neighbours, normalizeRows } from '../metric/neighbours'
import { type Color, stretched } from './colors'

/** One feature vector a patch, row by row: [rows, width]. Without features there are no rows. */
export interface FeatureRows {
  readonly values: Float32Array
  readonly width: number
}

/** The vectors, as parts of the same memory. */
export const rowsOf = ({ values, width }: FeatureRows): readonly Float32Array[] =>
  Array.from({ length: width === 0 ? 0 : Math.floor(values.length / width) }, (_, i) =>
    values.subarray(i * width, (i + 1) * width),
  )

/** 1 for the patches outside of the fewest that together hold this share of the attention. */
export const outsideOfMass = (attention: ArrayLike<number>, mass: number): Uint8Array => {
  const order = Array.from({ length: attention.length }, (_, i) => i).sort((a, b) => attention[b]! - attention[a]!)
  const total = order.reduce((sum, i) => sum + attention[i]!, 0)
  const outside = new Uint8Array(attention.length)
  let before = 0
  for (const i of order) {
    if (before >= mass * total) outside[i] = 1
    before += attention[i]!
  }
  return outside
}

const COMPONENTS = 3

/** The sign of a component is chance: its largest loading is made positive. */
const signOf = (loadings: readonly number[]): number => {
  const largest = loadings.reduce((most, value) => (Math.abs(value) > Math.abs(most) ? value : most), 0)
  return largest < 0 ? -1 : 1
}

/** A colour a row: its first three principal components among all rows as red, green and blue, each over all of its range. */
export const componentColors = (features: FeatureRows): readonly Color[] => {
  const rows = rowsOf(features).map((row) => Array.from(row))
  const count = Math.min(COMPONENTS, features.width, rows.length - 1)
  // One row differs from nothing.
  if (count < 1) return rows.map((): Color => [0, 0, 0])
  const pca = new PCA(rows, { method: 'covarianceMatrix' })
  const projected = pca.predict(rows, { nComponents: count })
  const loadings = pca.getLoadings()
  const channels = Array.from({ length: COMPONENTS }, (_, c) =>
    c < count ? stretched(projected.getColumn(c).map((value) => value * signOf(loadings.getRow(c)))) : rows.map(() => 0),
  )
  const byte = (share: number): number => Math.round(255 * share)
  return rows.map((_, i): Color => [byte(channels[0]![i]!), byte(channels[1]![i]!), byte(channels[2]![i]!)])
}

/** Two patches that are each other's most similar. */
export interface Match {
  readonly from: number
  readonly to: number
  /** Cosine of the angle between them. */
  readonly similarity: number
}

/** The most similar row of `bank` for each of `queries`; none where it has no rows. */
const nearestIn = (bank: FeatureRows, queries: FeatureRows): readonly Neighbours[] => {
  const [from, to] = [rowsOf(queries).length, rowsOf(bank).length]
  if (from === 0 || to === 0) return []
  const { width } = bank
  const similarities = dotProducts(width)(normalizeRows(bank.values, width))(normalizeRows(queries.values, width))
  return Array.from({ length: from }, (_, i) => mostSimilar(similarities.subarray(i * to, (i + 1) * to), 1))
}

/** The most similar pairs of patches of two pictures, best first: those that are each other's nearest. */
export const matchesOf = (a: FeatureRows, b: FeatureRows, count: number): readonly Match[] => {
  const back = nearestIn(a, b)
  return nearestIn(b, a)
    .map(({ indices, similarities }, from) => ({ from, to: indices[0]!, similarity: similarities[0]! }))
    .filter(({ from, to }) => back[to]!.indices[0] === from)
    .sort((x, y) => y.similarity - x.similarity)
    .slice(0, count)
}

/** Where a prototype is found: a patch of a picture. */
export interface Found {
  readonly picture: number
  readonly patch: number
  readonly logit: number
}
export interface Pattern {
  readonly prototype: number
  /** How many patches have it as their largest logit. */
  readonly uses: number
  /** The patches with the largest logits among these, one a picture at most. */
  readonly nearest: readonly Found[]
}

/** The prototypes that most patches belong to, and the patches nearest to each; logits [patches, prototypes] of each picture. */
export const patternsOf = (logits: readonly FeatureRows[], prototypes: number, nearest: number): readonly Pattern[] => {
  const found = new Map<number, { uses: number; best: Map<number, Found> }>()
  for (const [picture, features] of logits.entries())
    for (const [patch, row] of rowsOf(features).entries()) {
      const { indices, similarities } = mostSimilar(row, 1)
      const [prototype, logit] = [indices[0]!, similarities[0]!]
      const known = found.get(prototype) ?? { uses: 0, best: new Map<number, Found>() }
      found.set(prototype, known)
      known.uses++
      if (logit > (known.best.get(picture)?.logit ?? Number.NEGATIVE_INFINITY)) known.best.set(picture, { picture, patch, logit })
    }
  return [...found]
    .sort(([a, x], [b, y]) => y.uses - x.uses || a - b)
    .slice(0, prototypes)
    .map(([prototype, { uses, best }]) => ({
      prototype,
      uses,
      nearest: [...best.values()].sort((a, b) => b.logit - a.logit).slice(0, nearest),
    }))
}
