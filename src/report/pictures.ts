/** The pictures that a network is shown: files, or some of the run's data. */
import * as E from 'fp-ts/Either'
import { pipe } from 'fp-ts/function'
import * as TE from 'fp-ts/TaskEither'
import { type Failure, missing, rejected } from '../base/failure'
import { readPlan } from '../dsl/read'
import { prepared, type Reader } from '../evaluate/reader'
import type { Picture } from '../image/picture'
import { decodePicture } from '../io/decode'
import { readFile } from '../io/files'
import { firstOriginals, seenPictures } from '../loader/seen'
import { registry } from '../ops/registry'
import { type Opened, openPlan } from '../program/openPlan'
import { runFolder } from '../store/folder'

/** Files by their paths, or how many of the run's pictures. */
export type Asked = readonly string[] | number

/** The data of a run, opened as it opened them. */
const openedRun = (run: string): TE.TaskEither<Failure, Opened> => {
  const { resolved } = runFolder(run)
  return pipe(
    readFile(resolved, "the run's pipeline"),
    TE.chainEitherK((bytes) => E.mapLeft(rejected)(readPlan(registry, resolved, new TextDecoder().decode(bytes)))),
    TE.chain(({ plan }) => openPlan(plan)),
  )
}

/** Pictures as the network takes them. */
export const picturesFor = (run: string, reader: Reader, asked: Asked): TE.TaskEither<Failure, readonly Picture[]> =>
  pipe(
    typeof asked === 'number'
      ? TE.chain((opened: Opened) => firstOriginals(opened, asked))(openedRun(run))
      : TE.traverseSeqArray((path: string) => () => decodePicture(path, { channels: reader.model.images.channels }))(asked),
    TE.map((pictures) => pictures.map(prepared(reader))),
  )

/** Pairs of pictures: files two by two, or two views of each of the run's pictures as they are drawn in training. */
export const pairsFor = (
  run: string,
  reader: Reader,
  asked: Asked,
): TE.TaskEither<Failure, readonly (readonly [Picture, Picture])[]> => {
  if (typeof asked !== 'number')
    return asked.length % 2 === 0
      ? TE.map(twoByTwo)(picturesFor(run, reader, asked))
      : TE.left(missing(`pictures are compared two by two, and ${asked.length} are named`, 'Name one more, or one less.'))
  return pipe(
    openedRun(run),
    TE.chain((opened) => seenPictures(opened, 0, asked)),
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
