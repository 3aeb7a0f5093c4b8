/** What a data set holds: its pictures are read, and counted. */
import * as E from 'fp-ts/Either'
import type { Task } from 'fp-ts/Task'
import type { Failure } from '../base/failure'
import type { Picture } from '../image/picture'
import { pixelHash } from '../io/contents'
import { threadCount } from '../io/machine'
import { pictureName, type Source } from '../io/source'
import { equalGroups, equalPairs } from './duplicates'
import { pixelCounts } from './pixelMoments'

/** Pictures with the same pixels. */
export interface Duplicates {
  readonly pictures: readonly string[]
  readonly labelsDiffer: boolean
}

export interface Survey {
  readonly name: string
  /** Pictures that there are. */
  readonly count: number
  /** How many of them were read. */
  readonly looked: number
  readonly unreadable: readonly { readonly picture: string; readonly reason: string }[]
  /** How many pictures there are of each class; empty without labels. */
  readonly classes: readonly { readonly name: string; readonly count: number }[]
  /** As they are read. */
  readonly channels: 1 | 3
  /** How many pictures of three channels have no colour. */
  readonly grey: number
  /** How often each size occurs, the most frequent first. */
  readonly sizes: readonly { readonly height: number; readonly width: number; readonly count: number }[]
  /** Of each channel, over all pixels, values in [0, 1]; null where nothing could be read. */
  readonly mean: readonly number[] | null
  readonly std: readonly number[] | null
  readonly duplicates: readonly Duplicates[]
  readonly fingerprint: string
}

/** A survey, and what it takes to compare it with another one. */
export interface Surveyed {
  readonly survey: Survey
  /** Hashes of the pictures that could be read, and their names. */
  readonly hashes: BigUint64Array
  readonly nameAt: (place: number) => string
}

const reasonOf = (failure: Failure): string => ('message' in failure ? failure.message : 'a mistake in ibot')

/** `images` places spread evenly over all. */
const chosen = (count: number, images: number): readonly number[] =>
  Array.from({ length: images }, (_, i) => Math.floor((i * count) / images))

const classesOf = ({ count, classes, label }: Source): Survey['classes'] => {
  const counts = classes.map(() => 0)
  if (classes.length > 0) for (let i = 0; i < count; i++) counts[label(i)!]!++
  return classes.map((name, number) => ({ name, count: counts[number]! }))
}

/** Reads all pictures, or `images` of them, as many at once as keep the cores busy, and counts them in their order. */
export const survey =
  (
    source: Source,
    images: number = source.count,
    onProgress: (done: number, total: number) => void = () => undefined,
  ): Task<Surveyed> =>
  async () => {
    const places = chosen(source.count, Math.min(images, source.count))
    const atOnce = 2 * threadCount()
    const pixels = pixelCounts(source.channels)
    const sizes = new Map<string, number>()
    const unreadable: { readonly picture: string; readonly reason: string }[] = []
    const hashes: bigint[] = []
    const read: number[] = []
    let grey = 0

    const count = (i: number, picture: Picture): void => {
      if (!pixels.add(picture) && source.channels === 3) grey++
      const size = `${picture.height} ${picture.width}`
      sizes.set(size, (sizes.get(size) ?? 0) + 1)
      hashes.push(pixelHash(picture))
      read.push(i)
    }
    for (let from = 0; from < places.length; from += atOnce) {
      const some = places.slice(from, from + atOnce)
      const pictures = await Promise.all(some.map((i) => source.read(i)))
      for (const [at, picture] of pictures.entries()) {
        if (E.isRight(picture)) count(some[at]!, picture.right)
        else unreadable.push({ picture: pictureName(source, some[at]!), reason: reasonOf(picture.left) })
      }
      onProgress(from + some.length, places.length)
    }

    const found = BigUint64Array.from(hashes)
    const nameAt = (place: number): string => pictureName(source, read[place]!)
    const { mean, std } = pixels.moments()
    return {
      hashes: found,
      nameAt,
      survey: {
        name: source.name,
        count: source.count,
        looked: places.length,
        unreadable,
        classes: classesOf(source),
        channels: source.channels,
        grey,
        sizes: [...sizes]
          .map(([size, count]) => {
            const [height, width] = size.split(' ').map(Number)
            return { height: height!, width: width!, count }
          })
          .sort((a, b) => b.count - a.count || a.height - b.height || a.width - b.width),
        mean: read.length === 0 ? null : mean,
        std: read.length === 0 ? null : std,
        duplicates: equalGroups(found).map((group) => ({
          pictures: group.map(nameAt),
          labelsDiffer: new Set(group.map((place) => source.label(read[place]!))).size > 1,
        })),
        fingerprint: source.fingerprint,
      },
    }
  }

/** Names of pictures that are in both sets. */
export const shared = (first: Surveyed, second: Surveyed): readonly (readonly [string, string])[] =>
  equalPairs(first.hashes, second.hashes).map(([a, b]) => [first.nameAt(a), second.nameAt(b)])
