/** `ibot view`: what the networks are going to see of a pipeline's pictures, as a contact sheet and as a page. */
import { pipe } from 'fp-ts/function'
import * as TE from 'fp-ts/TaskEither'
import { defect, type Failure } from '../base/failure'
import { toPng } from '../io/encode'
import { seenPictures } from '../loader/seen'
import { openPlan } from '../program/openPlan'
import { viewsPage } from '../report/views'
import { runFolder } from '../store/folder'
import { viewsSheet } from '../view/sheet'
import type { ViewOptions } from './command/view'
import { tellPaths, writeOutputs } from './outputs'
import { located, readPipeline } from './pipeline'
import { conclude, type Outcome } from './report'
import { isFile } from './runFolders'
import { err } from './terminal'

/** A run's folder stands for the pipeline in it. */
const pipelineFile = async (path: string): Promise<string> => {
  const { resolved } = runFolder(path)
  return (await isFile(resolved)) ? resolved : path
}

export const view = (file: string, { set, images, step, out: to }: ViewOptions): Outcome =>
  conclude(
    pipe(
      TE.fromTask<string, Failure>(() => pipelineFile(file)),
      TE.chain((path) => readPipeline(path, set)),
      TE.bindTo('pipeline'),
      TE.bind('pictures', ({ pipeline: { plan, document } }) =>
        pipe(
          openPlan(plan, (message) => err.write(`${message}\n`)),
          TE.chain((opened) => seenPictures(opened, step, images)),
          TE.mapLeft(located(document)),
        ),
      ),
      TE.bind('contents', ({ pipeline: { plan }, pictures }) =>
        TE.tryCatch(
          async () =>
            [
              ['.png', await toPng(await viewsSheet(pictures))],
              ['.html', await viewsPage(plan.name, pictures)],
            ] as const,
          defect,
        ),
      ),
      TE.chain(({ pipeline: { plan }, contents }) => writeOutputs(`${plan.name}-views`, to, contents)),
      TE.map(tellPaths),
    ),
  )
