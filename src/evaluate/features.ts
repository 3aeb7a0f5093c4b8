/** Pictures as rows of features: read and prepared a chunk at a time, those that are damaged reported and left out. */
import * as E from 'fp-ts/Either'
import type * as TE from 'fp-ts/TaskEither'
import { type Failure, isLasting } from '../base/failure'
import { turn } from '../base/turn'
import type { Interpreter } from '../engine/interpreter'
import type { Size } from '../image/crop'
import { normalizeInto } from '../image/normalize'
import type { Picture } from '../image/picture'
import type { Source } from '../io/source'
import type { Damaged, Report } from '../loader/damage'
import type { FeatureKind, FeatureMatrix } from '../ops/probe/kind'

/** Some pictures of a source, by their numbers there. */
export interface Pictures {
  readonly source: Source
  readonly indices: Uint32Array
}

/** Prepared pictures, at least one → a row each, all of one width. */
export type ToRows = (pictures: readonly Picture[]) => Promise<FeatureMatrix>

/** The rows of those pictures that can be read, in their order, and the number of each. */
export interface PictureRows extends FeatureMatrix {
  readonly indices: Uint32Array
}

export interface Reading {
  readonly prepare: (picture: Picture) => Picture
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
    let all: FeatureMatrix | undefined
    const kept: number[] = []
    for (let first = 0; first < indices.length; first += chunk) {
      const some = Array.from(indices.subarray(first, first + chunk))
      const read = await Promise.all(some.map((i) => source.read(i)))
      const pictures: Picture[] = []
      const damaged: Damaged[] = []
      for (const [i, picture] of read.entries()) {
        if (E.isRight(picture)) {
          pictures.push(prepare(picture.right))
          kept.push(some[i]!)
        } else if (isLasting(picture.left)) damaged.push({ image: some[i]!, reason: picture.left.message })
        else return picture
      }
      const reported = await report(source, damaged)
      if (E.isLeft(reported)) return reported
      if (pictures.length > 0) {
        const { values, width } = await toRows(pictures)
        all ??= { values: new Float32Array(indices.length * width), width }
        all.values.set(values, (kept.length - pictures.length) * width)
      }
      const on = await turn(signal)()
      if (E.isLeft(on)) return on
    }
    const { values, width } = all ?? { values: new Float32Array(0), width: 1 }
    return E.right({ values: values.subarray(0, kept.length * width), width, indices: Uint32Array.from(kept) })
  }

/** One row a picture from tokens [B, 1 + N, width], the picture's own first. */
const ofTokens = (
  kind: FeatureKind,
  values: Float32Array,
  [rows, tokens, width]: readonly [number, number, number],
): FeatureMatrix => {
  const columns = kind === 'both' ? 2 * width : width
  const out = new Float32Array(rows * columns)
  for (let row = 0; row < rows; row++) {
    const start = row * tokens * width
    if (kind !== 'mean') out.set(values.subarray(start, start + width), row * columns)
    if (kind === 'cls') continue
    const mean = out.subarray(row * columns + (kind === 'both' ? width : 0), (row + 1) * columns)
    for (let token = 1; token < tokens; token++)
      for (let i = 0; i < width; i++) mean[i]! += values[start + token * width + i]! / (tokens - 1)
  }
  return { values: out, width: columns }
}

export interface NetworkInput {
  /** Of prepared pictures. */
  readonly size: Size
  readonly channels: 1 | 3
  /** How they are normalised, one number a channel. */
  readonly mean: readonly number[]
  readonly std: readonly number[]
}

/** The features that the network of a training gives at the moment. */
export const encoded =
  (interpreter: Pick<Interpreter, 'encode'>, { size, channels, mean, std }: NetworkInput, kind: FeatureKind): ToRows =>
  async (pictures) => {
    const write = normalizeInto(mean, std)
    const area = size[0] * size[1] * channels
    const images = new Float32Array(pictures.length * area)
    for (const [row, picture] of pictures.entries()) write(images, row * area)(picture)
    const tokens = await interpreter.encode(images, [pictures.length, ...size, channels])
    return ofTokens(kind, tokens.values, tokens.shape)
  }

/** The kind of features that holds all of these. */
export const widest = (kinds: readonly FeatureKind[]): FeatureKind => {
  const [first, ...others] = new Set(kinds)
  return first !== undefined && others.length === 0 ? first : 'both'
}

/** Features of one kind out of those that hold it: 'both' is [CLS], then the mean. */
export const partOf = (matrix: FeatureMatrix, from: FeatureKind, kind: FeatureKind): FeatureMatrix => {
  if (from === kind) return matrix
  const width = matrix.width / 2
  const rows = matrix.values.length / matrix.width
  const values = new Float32Array(rows * width)
  const start = kind === 'mean' ? width : 0
  for (let row = 0; row < rows; row++) {
    const at = row * matrix.width + start
    values.set(matrix.values.subarray(at, at + width), row * width)
  }
  return { values, width }
}

/**
 * The rows of some of the pictures that were read, without those that couldn't be.
 *
 * @param read the pictures of `rows`, damaged ones among them; nothing is copied where `wanted` are the first of them
 */
export const rowsOf = (rows: PictureRows, read: Uint32Array, wanted: Uint32Array): PictureRows => {
  const { values, width, indices } = rows
  if (wanted.every((index, i) => index === read[i])) {
    let count = 0
    for (const index of wanted) if (indices[count] === index) count++
    return { values: values.subarray(0, count * width), width, indices: indices.subarray(0, count) }
  }
  const places = new Map(Array.from(indices, (index, row) => [index, row]))
  const found = Array.from(wanted).flatMap((index) => places.get(index) ?? [])
  const copy = new Float32Array(found.length * width)
  for (const [i, row] of found.entries()) copy.set(values.subarray(row * width, (row + 1) * width), i * width)
  return { values: copy, width, indices: Uint32Array.from(found, (row) => indices[row]!) }
}
