/** What features of patches show: the paper's pictures of attention, components and correspondence, as pure functions. */
import { PCA } from 'ml-pca'
import { type Color, stretched } from './colors'

/** One feature vector a patch, row by row: [rows, width]. */
export interface FeatureRows {
  readonly values: Float32Array
  readonly width: number
}

export const rowCount = ({ values, width }: FeatureRows): number => values.length / width

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
export const componentColors = ({ values, width }: FeatureRows): readonly Color[] => {
  const rows = Array.from({ length: values.length / width }, (_, i) => Array.from(values.subarray(i * width, (i + 1) * width)))
  const count = Math.min(COMPONENTS, width, rows.length - 1)
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

const unit = ({ values, width }: FeatureRows): Float32Array => {
  const out = Float32Array.from(values)
  for (let at = 0; at < out.length; at += width) {
    const row = out.subarray(at, at + width)
    const length = Math.sqrt(row.reduce((sum, x) => sum + x * x, 0))
    for (let i = 0; i < width; i++) row[i] = length > 0 ? row[i]! / length : 0
  }
  return out
}

/** The most similar pairs of patches of two pictures, best first: those that are each other's nearest. */
export const matchesOf = (a: FeatureRows, b: FeatureRows, count: number): readonly Match[] => {
  const [left, right] = [unit(a), unit(b)]
  const { width } = a
  const best = (rows: number): { readonly of: Int32Array; readonly value: Float32Array } => ({
    of: new Int32Array(rows).fill(-1),
    value: new Float32Array(rows).fill(Number.NEGATIVE_INFINITY),
  })
  const [forth, back] = [best(rowCount(a)), best(rowCount(b))]
  for (let i = 0; i < forth.of.length; i++)
    for (let j = 0; j < back.of.length; j++) {
      let similarity = 0
      for (let k = 0; k < width; k++) similarity += left[i * width + k]! * right[j * width + k]!
      if (similarity > forth.value[i]!) {
        forth.value[i] = similarity
        forth.of[i] = j
      }
      if (similarity > back.value[j]!) {
        back.value[j] = similarity
        back.of[j] = i
      }
    }
  return Array.from(forth.of, (to, from) => ({ from, to, similarity: forth.value[from]! }))
    .filter(({ from, to }) => back.of[to] === from)
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
  for (const [picture, { values, width }] of logits.entries())
    for (let patch = 0; patch < values.length / width; patch++) {
      const row = values.subarray(patch * width, (patch + 1) * width)
      let prototype = 0
      for (let k = 1; k < width; k++) if (row[k]! > row[prototype]!) prototype = k
      const logit = row[prototype]!
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
