/** What a format for features is: one file of other programs, written from rows on the disk. */
import type * as TE from 'fp-ts/TaskEither'
import type { Failure } from '../base/failure'

/** One picture, of which there is a row. */
export interface Labelled {
  /** Its number in the source. */
  readonly image: number
  /** Its file, or the archive and its name in it; null where it has no name of its own. */
  readonly name: string | null
  /** The name of its class; null where there are no labels. */
  readonly label: string | null
}

/** Rows that were computed, in the order of the source. */
export interface Rows {
  readonly count: number
  /** Of one row: [width], or [tokens, width]. */
  readonly shape: readonly number[]
  /** The file of all numbers, float32, row by row. */
  readonly numbers: string
  /** The pictures, some at a time. */
  readonly pictures: () => AsyncIterable<readonly Labelled[]>
  /** Rows and their pictures, some at a time. */
  readonly chunks: () => AsyncIterable<{ readonly pictures: readonly Labelled[]; readonly values: Float32Array }>
  /** What they are of: facts for people, by name. */
  readonly about: Readonly<Record<string, string>>
}

export interface FeatureFormat {
  readonly ending: string
  /** Whether names and labels don't fit in: they are written beside it. */
  readonly index: boolean
  /** Writes the file. */
  readonly write: (rows: Rows, path: string) => TE.TaskEither<Failure, void>
  /** A line of code that reads it. */
  readonly usage: (path: string) => string
}
