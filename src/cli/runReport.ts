/** `ibot report`: the page that tells of a run, made at any time, or served while it goes on. */
import * as E from 'fp-ts/Either'
import { pipe } from 'fp-ts/function'
import * as TE from 'fp-ts/TaskEither'
import type { Failure, StopSignal } from '../base/failure'
import type { Registry } from '../dsl/registry'
import { writeAtomically } from '../io/files'
import { runReport } from '../report/run'
import { serve } from '../report/watch/serve'
import { watchRun } from '../report/watch/watched'
import { runFolder } from '../store/folder'
import type { ReportOptions } from './command/report'
import { tellPaths, writeOutputs } from './outputs'
import { conclude, type Outcome, report } from './report'
import { openRun } from './runFolders'
import { SIGNAL_CODES, untilStopped } from './signals'
import { err, lineTo, out } from './terminal'

/** Writes a run's page into its folder, in place of an older one; gives its path. */
export const writeReport = (registry: Registry, folder: string, signal?: AbortSignal): TE.TaskEither<Failure, string> => {
  const { report: file } = runFolder(folder)
  return pipe(
    runReport(registry, folder, signal),
    TE.chain((page) => writeAtomically(file, page)),
    TE.map(() => file),
  )
}

/** Serves a run's page until a signal ends it. */
const watchCommand =
  (path: string, { ops, port }: ReportOptions): Outcome =>
  async () => {
    const { signal } = untilStopped()
    const served = await pipe(
      openRun(path, 'to watch', ops),
      TE.chain(({ registry, run }) => serve(watchRun(registry, run, signal), port ?? 0, signal)),
    )()
    if (E.isLeft(served)) return report(served.left)
    const { url, ended } = served.right
    out.write(`${url}\n`)
    lineTo(err)(`${path} is served to browsers on this machine while it goes on; Ctrl-C ends that`)
    await ended
    return SIGNAL_CODES[signal.reason as StopSignal]
  }

const makeCommand = (path: string, { out: file, ops }: ReportOptions): Outcome =>
  conclude(
    pipe(
      openRun(path, 'to report on', ops),
      TE.chain(({ registry, run }) =>
        file === undefined
          ? TE.map((written: string): readonly string[] => [written])(writeReport(registry, run))
          : TE.chain((page: string) => writeOutputs('', file, [['.html', page]]))(runReport(registry, run)),
      ),
      TE.map(tellPaths),
    ),
  )

export const runReportCommand = (path: string, options: ReportOptions): Outcome =>
  (options.watch === true ? watchCommand : makeCommand)(path, options)
