/** `ibot report`: the page that tells of a run, made at any time. */
import { pipe } from 'fp-ts/function'
import * as TE from 'fp-ts/TaskEither'
import type { Failure } from '../base/failure'
import type { Registry } from '../dsl/registry'
import { writeAtomically } from '../io/files'
import { runReport } from '../report/run'
import { runFolder } from '../store/folder'
import type { ReportOptions } from './command/report'
import { tellPaths, writeOutputs } from './outputs'
import { conclude, type Outcome } from './report'
import { openRun } from './runFolders'

/** Writes a run's page into its folder, in place of an older one; gives its path. */
export const writeReport = (registry: Registry, folder: string, signal?: AbortSignal): TE.TaskEither<Failure, string> => {
  const { report } = runFolder(folder)
  return pipe(
    runReport(registry, folder, signal),
    TE.chain((page) => writeAtomically(report, page)),
    TE.map(() => report),
  )
}

export const runReportCommand = (path: string, { out, ops }: ReportOptions): Outcome =>
  conclude(
    pipe(
      openRun(path, 'to report on', ops),
      TE.chain(({ registry, run }) =>
        out === undefined
          ? TE.map((written: string): readonly string[] => [written])(writeReport(registry, run))
          : TE.chain((page: string) => writeOutputs('', out, [['.html', page]]))(runReport(registry, run)),
      ),
      TE.map(tellPaths),
    ),
  )
