/** Pictures that can be read one by one, in any order, any number of times. */
import type { Either } from 'fp-ts/Either'
import type { TaskEither } from 'fp-ts/TaskEither'
import type { Failure } from '../base/failure'
import type { Picture } from '../image/picture'

/** Where bytes lie: a file, or some of one. */
export interface Stored {
  readonly path: string
  readonly start?: number
  readonly length?: number
}

/** Where data may come from. */
export interface Reach {
  /** Whether data sets that aren't on this machine are fetched; if not, they are missing. By default they are fetched. */
  readonly download?: boolean | undefined
}

export interface Source {
  /** What it is, for messages and logs: a path, a package. */
  readonly name: string
  /** Number of pictures, ≥ 1. */
  readonly count: number
  readonly channels: 1 | 3
  /** [height, width] if all pictures have one size, else undefined. */
  readonly size: readonly [number, number] | undefined
  /** Names of the classes, in the order of their numbers; empty where there are no labels. */
  readonly classes: readonly string[]
  /** Class number of picture i, or undefined where there are no labels. */
  readonly label: (i: number) => number | undefined
  /** Picture i, 0 ≤ i < count, always with `channels` channels. A damaged file gives a `Missing` failure that names it. */
  readonly read: (i: number) => Promise<Either<Failure, Picture>>
  /** Where picture i lies, if it has a name of its own: its file, or the archive and its name in it. */
  readonly path?: ((i: number) => string) | undefined
  /** Where the bytes of picture i lie, as they are stored; absent where pictures are in memory, or aren't stored one by one. */
  readonly stored?: ((i: number) => TaskEither<Failure, Stored>) | undefined
  /** A short hexadecimal hash of names, sizes and labels (of all bytes where they are in memory), to notice that the data changed. */
  readonly fingerprint: string
}

/** What picture i is called in messages. */
export const pictureName = (source: Source, i: number): string => source.path?.(i) ?? `picture ${i}`
