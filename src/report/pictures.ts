/** The pictures that a network is shown: files, or some of the run's data. */
import { pipe } from 'fp-ts/function'
import * as TE from 'fp-ts/TaskEither'
import { type Failure, missing } from '../base/failure'
import { prepared, type Reader } from '../evaluate/reader'
import type { Picture } from '../image/picture'
import { decodePicture } from '../io/decode'
import { firstOriginals, type Shown, seenPictures } from '../loader/seen'
import { type Opened, openDesign } from '../program/openPlan'

/** Files by their paths, or how many of the run's pictures. */
export type Asked = readonly string[] | number

/** The data that the network was trained on. */
const openData = ({ model }: Reader, notify: (message: string) => void): TE.TaskEither<Failure, Opened> =>
  openDesign(model.design, notify)

/** What is shown; `notify` hears of pictures of the run's that can't be read. */
const told =
  (notify: (message: string) => void) =>
  <A>({ pictures, damaged }: Shown<A>): readonly A[] => {
    for (const sentence of damaged) notify(sentence)
    return pictures
  }

/** Pictures as the network takes them. */
export const picturesFor = (
  reader: Reader,
  asked: Asked,
  notify: (message: string) => void,
): TE.TaskEither<Failure, readonly Picture[]> =>
  pipe(
    typeof asked === 'number'
      ? pipe(
          openData(reader, notify),
          TE.chain((opened) => firstOriginals(opened, asked)),
          TE.map(told(notify)),
        )
      : TE.traverseSeqArray((path: string) => () => decodePicture(path, { channels: reader.model.images.channels }))(asked),
    TE.map((pictures) => pictures.map(prepared(reader))),
  )

/** Pairs of pictures: files two by two, or two views of each of the run's pictures as they are drawn in training. */
export const pairsFor = (
  reader: Reader,
  asked: Asked,
  notify: (message: string) => void,
): TE.TaskEither<Failure, readonly (readonly [Picture, Picture])[]> => {
  if (typeof asked !== 'number')
    return asked.length % 2 === 0
      ? TE.map(twoByTwo)(picturesFor(reader, asked, notify))
      : TE.left(missing(`pictures are compared two by two, and ${asked.length} are named`, 'Name one more, or one less.'))
  return pipe(
    openData(reader, notify),
    TE.chain((opened) => seenPictures(opened, 0, asked)),
    TE.map(told(notify)),
    TE.map((seen) =>
      seen.map(({ original, views: [first, second] }) => {
        const views = [first?.picture ?? original, second?.picture ?? original]
        return views.map(prepared(reader)) as [Picture, Picture]
      }),
    ),
  )
}

const twoByTwo = (pictures: readonly Picture[]): readonly (readonly [Picture, Picture])[] =>
  Array.from({ length: pictures.length / 2 }, (_, i) => [pictures[2 * i]!, pictures[2 * i + 1]!])
