/** The pictures that a run sees, with their views and masks, for people to look at. */
import * as E from 'fp-ts/Either'
import type * as TE from 'fp-ts/TaskEither'
import { type Failure, isLasting, type Lasting } from '../base/failure'
import type { Picture } from '../image/picture'
import type { Occurrence } from '../program/draws'
import type { Opened } from '../program/openPlan'
import { type SeenPicture, seenPicture } from '../view/seen'
import { occurrencesOf, reading } from './batches'
import { mostDamaged } from './damaged'

/** A picture in its place in a batch; both count from 0. */
export interface Slot extends Required<Occurrence> {
  readonly step: number
  readonly slot: number
}

/** The first `count` pictures that a run sees from a step on, in its order, as if all of them could be read. */
export const seenFrom = ({ design, source, span }: Opened, step: number, count: number): readonly Slot[] => {
  const occurrences = occurrencesOf(design.training.meaning, source.count, span)
  const steps = Math.ceil(count / span.batch)
  return Array.from({ length: steps }, (_, i) => step + i)
    .flatMap((at) => occurrences(at).map((seen, slot) => ({ ...seen, step: at, slot })))
    .slice(0, count)
}

/** Pictures to be shown, at least one, and what is to be said of those that couldn't be read. */
export interface Shown<A> {
  readonly pictures: readonly A[]
  /** A sentence each, which names the file. */
  readonly damaged: readonly string[]
}

/** More damaged pictures than these are counted, not named. */
const NAMED = 3

/** Damaged pictures by their numbers, with what became of each. */
type Damaged = Map<number, { readonly failure: Lasting; readonly fate: string }>

/** What is shown, where anything is; else why nothing is. */
const shown = <A>(pictures: readonly A[], damaged: Damaged): E.Either<Failure, Shown<A>> => {
  const all = [...damaged.values()]
  if (pictures.length === 0 && all.length > 0) return E.left(all[0]!.failure)
  const named = all.slice(0, NAMED).map(({ failure, fate }) => `${failure.message}; ${fate}`)
  const rest = all.length - named.length
  const others = rest === 1 ? "1 more picture can't be read" : `${rest} more pictures can't be read`
  return E.right({ pictures, damaged: rest > 0 ? [...named, others] : named })
}

const LEFT_OUT = 'it is left out'

/** The first pictures of a run as they are, none twice; those that can't be read are left out. */
export const firstOriginals =
  (opened: Opened, count: number): TE.TaskEither<Failure, Shown<Picture>> =>
  async () => {
    const { design, source, span } = opened
    const pictures: Picture[] = []
    const damaged: Damaged = new Map()
    const most = count + mostDamaged(design.training.meaning.maxBad, source.count)
    for (let step = 0; step < span.stepsPerEpoch; step++)
      for (const { image, repeat } of seenFrom(opened, step, span.batch)) {
        if (repeat > 0) continue
        if (pictures.length === count || damaged.size > most) return shown(pictures, damaged)
        const picture = await source.read(image)
        if (E.isRight(picture)) pictures.push(picture.right)
        else if (isLasting(picture.left)) damaged.set(image, { failure: picture.left, fate: LEFT_OUT })
        else return picture
      }
    return shown(pictures, damaged)
  }

/** Pictures with all that the networks see of them from a step on; in the place of one that can't be read the one that training takes. */
export const seenPictures =
  (opened: Opened, step: number, count: number): TE.TaskEither<Failure, Shown<SeenPicture>> =>
  async () => {
    const { design, program, source } = opened
    const pictures: SeenPicture[] = []
    const damaged: Damaged = new Map()
    const read = reading(design.training.meaning, source)
    for (const seen of seenFrom(opened, step, count)) {
      const found = await read(seen.step, seen.slot, seen.image)
      if (E.isLeft(found)) return found
      const { image, picture } = found.right
      const fate = picture === undefined ? LEFT_OUT : 'another picture stands in its place, as in training'
      for (const [bad, failure] of found.right.damaged) damaged.set(bad, { failure, fate })
      if (picture !== undefined)
        pictures.push(seenPicture(design, program.batch, { epoch: seen.epoch, repeat: seen.repeat, image }, picture))
    }
    return shown(pictures, damaged)
  }
