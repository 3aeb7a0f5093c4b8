/** Pictures that can't be read, and how many of them may be. */
import type * as E from 'fp-ts/Either'
import type { Failure } from '../base/failure'
import type { Source } from '../io/source'

export interface Damaged {
  /** Its number in the data set. */
  readonly image: number
  readonly reason: string
}

/** Takes note of pictures of a source that can't be read. Once there are too many of them, that is a failure. */
export type Report = (source: Source, found: readonly Damaged[]) => Promise<E.Either<Failure, void>>

/** How many pictures may be damaged: a share `maxBad` of all. */
export const mostDamaged = (maxBad: number, pictures: number): number => Math.floor(maxBad * pictures)
