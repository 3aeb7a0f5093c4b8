/** `ibot view`: what the networks are going to see of a pipeline's pictures, as a contact sheet and as a page. */
import { pipe } from 'fp-ts/function'
import * as TE from 'fp-ts/TaskEither'
import { defect, type Failure } from '../base/failure'
import { located } from '../dsl/located'
import type { Registry } from '../dsl/registry'
import { toPng } from '../io/encode'
import { seenPictures } from '../loader/seen'
import { openDesign } from '../program/openPlan'
import { viewsPage } from '../report/viewsPage'
import { runFolder } from '../store/folder'
import { viewsSheet } from '../view/sheet'
import type { ViewOptions } from './command/view'
import { openRegistry } from './ops'
import { tellPaths, writeOutputs } from './outputs'
import { type Pipeline, readPipeline } from './pipeline'
import { conclude, type Outcome } from './report'
import { isFile, type OpenedRun, openRun } from './runFolders'
import { err, lineTo } from './terminal'

/** The pipeline in a file, or that of the run in a folder. */
const pipelineIn = (path: string, { ops, ...edits }: ViewOptions): TE.TaskEither<Failure, Pipeline> => {
  const { resolved } = runFolder(path)
  return pipe(
    TE.fromTask<boolean, Failure>(() => isFile(resolved)),
    TE.chain((isRun) =>
      isRun
        ? TE.chain(({ registry }: OpenedRun) => readPipeline(registry, resolved, edits))(openRun(path, 'to look at', ops))
        : TE.chain((registry: Registry) => readPipeline(registry, path, edits))(openRegistry(ops)),
    ),
  )
}

export const view = (file: string, options: ViewOptions): Outcome => {
  const { images, step, out: to } = options
  return conclude(
    pipe(
      pipelineIn(file, options),
      TE.bindTo('pipeline'),
      TE.bind('shown', ({ pipeline: { design, document } }) =>
        pipe(
          openDesign(design, lineTo(err)),
          TE.chain((opened) => seenPictures(opened, step, images)),
          TE.mapLeft(located(document)),
        ),
      ),
      TE.tapIO(
        ({ shown: { damaged } }) =>
          () =>
            damaged.forEach(lineTo(err)),
      ),
      TE.bind('contents', ({ pipeline: { design }, shown }) =>
        TE.tryCatch(
          async () =>
            [
              ['.png', await toPng(await viewsSheet(shown.pictures))],
              ['.html', await viewsPage(design.plan.name, shown)],
            ] as const,
          defect,
        ),
      ),
      TE.chain(({ pipeline: { design }, contents }) => writeOutputs(`${design.plan.name}-views`, to, contents)),
      TE.map(tellPaths),
    ),
  )
}
