/** The pictures that a run sees, with their views and masks, for people to look at. */
import { pipe } from 'fp-ts/function'
import * as TE from 'fp-ts/TaskEither'
import type { Failure } from '../base/failure'
import type { Picture } from '../image/picture'
import type { Occurrence } from '../program/draws'
import type { Opened } from '../program/openPlan'
import { type SeenPicture, seenPicture } from '../view/seen'
import { picturesOf } from './batches'

/** The first `count` pictures that a run sees from a step on, in its order. */
export const seenFrom = ({ design, source, span }: Opened, step: number, count: number): readonly Occurrence[] => {
  const indices = picturesOf(design.training.meaning.seed, source.count, span)
  const steps = Math.ceil(count / span.batch)
  return Array.from({ length: steps }, (_, i) => step + i)
    .flatMap((at) => Array.from(indices(at), (image) => ({ epoch: Math.floor(at / span.stepsPerEpoch), image })))
    .slice(0, count)
}

/** The first pictures of a run as they are, no one twice; one that can't be read is a failure that names it. */
export const firstOriginals = (opened: Opened, count: number): TE.TaskEither<Failure, readonly Picture[]> =>
  pipe(
    seenFrom(opened, 0, Math.min(count, opened.span.stepsPerEpoch * opened.span.batch)),
    TE.traverseSeqArray(
      ({ image }) =>
        () =>
          opened.source.read(image),
    ),
  )

/** The same with all that the networks see of them; a picture that can't be read is a failure that names it. */
export const seenPictures = (opened: Opened, step: number, count: number): TE.TaskEither<Failure, readonly SeenPicture[]> =>
  pipe(
    seenFrom(opened, step, count),
    TE.traverseSeqArray((seen) =>
      pipe(
        () => opened.source.read(seen.image),
        TE.map((original) => seenPicture(opened.design, opened.program.batch, seen, original)),
      ),
    ),
  )
