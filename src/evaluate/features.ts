/** Pictures as rows of features: read and prepared a chunk at a time, those that are damaged reported and left out. */
import * as E from 'fp-ts/Either'
import type * as TE from 'fp-ts/TaskEither'
import { type Failure, isLasting } from '../base/failure'
import { turn } from '../base/turn'
import type { Picture } from '../image/picture'
import type { Source } from '../io/source'
import type { Damaged, Report } from '../loader/damaged'
import type { FeatureChoice, FeatureMatrix } from '../ops/probe/kind'
import { type NetworkInput, normalized } from './images'
import { type NetworkFeatures, partsOf } from './networkFeatures'

/** Some pictures of a source, by their numbers there. */
export interface Pictures {
  readonly source: Source
  readonly indices: Uint32Array
}

/** Rows whose columns belong to parts, one after the other. */
export interface PartedRows extends FeatureMatrix {
  readonly columns: readonly { readonly part: string; readonly width: number }[]
}

/** Prepared pictures, at least one → a row each, all of one width. */
export type ToRows = (pictures: readonly Picture[]) => Promise<PartedRows>

/** The rows of those pictures that can be read, in their order, and the number of each. */
export interface PictureRows extends PartedRows {
  readonly indices: Uint32Array
}

export interface Reading {
  /** A picture, and its number in the source. */
  readonly prepare: (picture: Picture, index: number) => Picture
  readonly toRows: ToRows
  /** Pictures that are read and computed together. */
  readonly chunk: number
  readonly report: Report
  /** Ends the reading when it is aborted. */
  readonly signal?: AbortSignal | undefined
}

/** Pictures as rows. Between two chunks signals and timers get their turn. */
export const readRows =
  ({ source, indices }: Pictures, { prepare, toRows, chunk, report, signal }: Reading): TE.TaskEither<Failure, PictureRows> =>
  async () => {
    let all: PartedRows | undefined
    const kept: number[] = []
    for (let first = 0; first < indices.length; first += chunk) {
      const some = Array.from(indices.subarray(first, first + chunk))
      const read = await Promise.all(some.map((i) => source.read(i)))
      const pictures: Picture[] = []
      const damaged: Damaged[] = []
      for (const [i, picture] of read.entries()) {
        if (E.isRight(picture)) {
          pictures.push(prepare(picture.right, some[i]!))
          kept.push(some[i]!)
        } else if (isLasting(picture.left)) damaged.push({ image: some[i]!, reason: picture.left.message })
        else return picture
      }
      const reported = await report(source, damaged)
      if (E.isLeft(reported)) return reported
      if (pictures.length > 0) {
        const { values, width, columns } = await toRows(pictures)
        all ??= { values: new Float32Array(indices.length * width), width, columns }
        all.values.set(values, (kept.length - pictures.length) * width)
      }
      const on = await turn(signal)()
      if (E.isLeft(on)) return on
    }
    const { values, width, columns } = all ?? { values: new Float32Array(0), width: 1, columns: [] }
    return E.right({ values: values.subarray(0, kept.length * width), width, columns, indices: Uint32Array.from(kept) })
  }

/** A network's features of prepared pictures. */
export const encoded =
  (features: Pick<NetworkFeatures, 'of'>, input: NetworkInput, choice: FeatureChoice): ToRows =>
  async (pictures) => {
    const parts = await features.of(choice, normalized(input, pictures))
    return sideBySide(Object.entries(parts).map(([part, { values, shape }]) => ({ part, values, width: shape[1]! })))
  }

/** Rows whose parts stand next to each other. */
const sideBySide = (parts: readonly (FeatureMatrix & { readonly part: string })[]): PartedRows => {
  const columns = parts.map(({ part, width }) => ({ part, width }))
  const [first] = parts
  if (first === undefined) return { values: new Float32Array(0), width: 1, columns }
  if (parts.length === 1) return { values: first.values, width: first.width, columns }
  const width = parts.reduce((sum, one) => sum + one.width, 0)
  const rows = first.values.length / first.width
  const values = new Float32Array(rows * width)
  let start = 0
  for (const part of parts) {
    for (let row = 0; row < rows; row++)
      values.set(part.values.subarray(row * part.width, (row + 1) * part.width), row * width + start)
    start += part.width
  }
  return { values, width, columns }
}

/** The parts of a choice out of rows that hold them; nothing is copied where they hold no others. */
export const chosenOf = (rows: PartedRows, choice: FeatureChoice): PartedRows => {
  const wanted = partsOf(choice)
  if (wanted.length === rows.columns.length) return rows
  const count = rows.values.length / rows.width
  let start = 0
  const chosen = rows.columns.flatMap(({ part, width }) => {
    const from = start
    start += width
    if (!wanted.includes(part)) return []
    const values = new Float32Array(count * width)
    for (let row = 0; row < count; row++) {
      const at = row * rows.width + from
      values.set(rows.values.subarray(at, at + width), row * width)
    }
    return [{ part, values, width }]
  })
  return sideBySide(chosen)
}

/**
 * The rows of some of the pictures that were read, without those that couldn't be.
 *
 * @param read the pictures of `rows`, damaged ones among them; nothing is copied where `wanted` are the first of them
 */
export const rowsOf = (rows: PictureRows, read: Uint32Array, wanted: Uint32Array): PictureRows => {
  const { values, width, columns, indices } = rows
  if (wanted.every((index, i) => index === read[i])) {
    let count = 0
    for (const index of wanted) if (indices[count] === index) count++
    return { values: values.subarray(0, count * width), width, columns, indices: indices.subarray(0, count) }
  }
  const places = new Map(Array.from(indices, (index, row) => [index, row]))
  const found = Array.from(wanted).flatMap((index) => places.get(index) ?? [])
  const copy = new Float32Array(found.length * width)
  for (const [i, row] of found.entries()) copy.set(values.subarray(row * width, (row + 1) * width), i * width)
  return { values: copy, width, columns, indices: Uint32Array.from(found, (row) => indices[row]!) }
}
