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

/** What pictures that were met tell in addition to those that were met before. */
export interface Tallied {
  /** Those that are new. */
  readonly fresh: readonly Damaged[]
  /** Whether none was met before, of any source. */
  readonly isFirst: boolean
  /** How many of the source were met by now, and, where those are too many, that in words. */
  readonly bad: number
  readonly tooMany: string | undefined
}

export interface Tally {
  /** How many pictures couldn't be read, of all sources. */
  readonly count: () => number
  readonly add: (source: Source, found: readonly Damaged[]) => Tallied
}

/** Counts pictures that can't be read, each once; a share `maxBad` of a source may be such. */
export const damageTally = (maxBad: number): Tally => {
  const met = new Map<string, Set<number>>()
  const count = (): number => [...met.values()].reduce((sum, { size }) => sum + size, 0)
  return {
    count,
    add: (source, found) => {
      const isFirst = count() === 0
      const known = met.get(source.name) ?? new Set<number>()
      met.set(source.name, known)
      const fresh = found.filter(({ image }) => !known.has(image))
      for (const { image } of fresh) known.add(image)
      const [bad, most, last] = [known.size, mostDamaged(maxBad, source.count), fresh.at(-1)]
      const tooMany =
        last === undefined || bad <= most
          ? undefined
          : `${bad} of the ${source.count} pictures of ${source.name} can't be read, and train.maxBad allows ${most}; the last of them: ${last.reason}`
      return { fresh, isFirst, bad, tooMany }
    },
  }
}
