/** `ibot view attention|pca|correspondence`: the paper's pictures of what a run's network has learnt, as PNG. */
import { basename } from 'node:path'
import { pipe } from 'fp-ts/function'
import * as TE from 'fp-ts/TaskEither'
import { defect, type Failure } from '../base/failure'
import { openReader, type Reader } from '../evaluate/reader'
import { toPng } from '../io/encode'
import { attentionFigure, componentsFigure, correspondenceFigure, type Figure } from '../report/figures'
import { type Asked, pairsFor, picturesFor } from '../report/pictures'
import { sheetOf } from '../view/sheet'
import type { OpsOption } from './ops'
import { tellPaths, writeOutputs } from './outputs'
import { conclude, type Outcome } from './report'
import { openRun } from './runFolders'

export type NetworkFigure = 'attention' | 'pca' | 'correspondence'

export interface ViewNetworkOptions extends OpsOption {
  /** Files, or one number: how many pictures of the run's data. */
  readonly images: readonly string[]
  readonly size?: number
  /** Lines a pair. */
  readonly matches?: number
  readonly out?: string
}

const askedOf = (images: readonly string[]): Asked => {
  const [first] = images
  return images.length === 1 && /^[1-9]\d{0,2}$/.test(first!) ? Number(first) : images
}

const MATCHES = 16

const figureOf = (
  kind: NetworkFigure,
  reader: Reader,
  { images, matches = MATCHES }: ViewNetworkOptions,
): TE.TaskEither<Failure, Figure> => {
  const asked = askedOf(images)
  if (kind === 'correspondence')
    return TE.chain((pairs: Parameters<typeof correspondenceFigure>[1]) => correspondenceFigure(reader, pairs, matches))(
      pairsFor(reader, asked),
    )
  return pipe(
    picturesFor(reader, asked),
    TE.chain((pictures) => (kind === 'pca' ? componentsFigure : attentionFigure)(reader, pictures)),
  )
}

export const viewNetwork = (kind: NetworkFigure, path: string, options: ViewNetworkOptions): Outcome =>
  conclude(
    pipe(
      openRun(path, 'to look into', options.ops),
      TE.bind('reader', ({ registry, run }) => openReader(registry, run, options.size)),
      TE.bind('figure', ({ reader }) => figureOf(kind, reader, options)),
      TE.bind('png', ({ figure }) => TE.tryCatch(async () => toPng(await sheetOf(figure)), defect)),
      TE.chain(({ png }) => writeOutputs(`${basename(path)}-${kind}`, options.out, [['.png', png]])),
      TE.map(tellPaths),
    ),
  )
