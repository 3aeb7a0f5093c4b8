/** `ibot view attention|pca|correspondence`: the paper's pictures of what a run's network has learnt, as PNG. */
import { basename } from 'node:path'
import { pipe } from 'fp-ts/function'
import * as TE from 'fp-ts/TaskEither'
import { defect, type Failure } from '../base/failure'
import { openReader } from '../evaluate/openReader'
import type { Reader } from '../evaluate/reader'
import { toPng } from '../io/encode'
import { attentionFigure, componentsFigure, correspondenceFigure, type Figure } from '../report/figures'
import { type Asked, pairsFor, picturesFor } from '../report/pictures'
import { sheetOf } from '../view/sheet'
import type { CorrespondenceOptions, FigureOptions } from './command/viewNetwork'
import { tellPaths, writeOutputs } from './outputs'
import { conclude, type Outcome } from './report'
import { openNetwork } from './runFolders'
import { err, lineTo } from './terminal'

const askedOf = (images: readonly string[]): Asked => {
  const [first] = images
  return images.length === 1 && /^[1-9]\d{0,2}$/.test(first!) ? Number(first) : images
}

/** Reads the network of a run's newest checkpoint, and writes what is made of it as a picture named by the run and `kind`. */
const writeFigure = (
  kind: string,
  path: string,
  options: FigureOptions,
  figureOf: (reader: Reader, asked: Asked) => TE.TaskEither<Failure, Figure>,
): Outcome =>
  conclude(
    pipe(
      openNetwork(path, 'to look into', options.ops),
      TE.bind('reader', ({ registry, run }) => openReader(registry, run, options.size)),
      TE.bind('figure', ({ reader }) => figureOf(reader, askedOf(options.images))),
      TE.bind('png', ({ figure }) => TE.tryCatch(async () => toPng(await sheetOf(figure)), defect)),
      TE.chain(({ png }) => writeOutputs(`${basename(path)}-${kind}`, options.out, [['.png', png]])),
      TE.map(tellPaths),
    ),
  )

/** A figure of pictures one by one. */
const ofPictures =
  (figure: typeof attentionFigure) =>
  (reader: Reader, asked: Asked): TE.TaskEither<Failure, Figure> =>
    pipe(
      picturesFor(reader, asked, lineTo(err)),
      TE.chain((pictures) => figure(reader, pictures)),
    )

export const viewAttention = (run: string, options: FigureOptions): Outcome =>
  writeFigure('attention', run, options, ofPictures(attentionFigure))

export const viewComponents = (run: string, options: FigureOptions): Outcome =>
  writeFigure('pca', run, options, ofPictures(componentsFigure))

export const viewCorrespondence = (run: string, options: CorrespondenceOptions): Outcome =>
  writeFigure('correspondence', run, options, (reader, asked) =>
    pipe(
      pairsFor(reader, asked, lineTo(err)),
      TE.chain((pairs) => correspondenceFigure(reader, pairs, options.matches)),
    ),
  )
