/** `ibot run`: trains a pipeline, or goes on with a run. */
import * as E from 'fp-ts/Either'
import { pipe } from 'fp-ts/function'
import * as TE from 'fp-ts/TaskEither'
import { exitCode, type Failure, rejected } from '../base/failure'
import { located } from '../dsl/located'
import type { Registry } from '../dsl/registry'
import type { Metric } from '../program/metric'
import { unlessStopped } from '../run/abort'
import type { RunEvent, Summary } from '../run/events'
import { followDesign } from '../run/followDesign'
import type { Processes } from '../run/join'
import type { FromMember } from '../run/launch'
import { runDesign } from '../run/runDesign'
import { runFolder } from '../store/folder'
import type { RunOptions } from './command/run'
import { readPipelineAndData } from './draft'
import { failureText } from './failureText'
import { openRegistry } from './ops'
import type { Pipeline } from './pipeline'
import { processesOf } from './processes'
import { progress } from './progress'
import { failedLine, type Outcome, report } from './report'
import { existingRun, isFile, newestRun } from './runFolders'
import { type Stopping, savesOnSignal, untilStopped } from './signals'
import { summaryText } from './summary'
import { err, lineTo, out } from './terminal'

/** What to run: a pipeline, and the folder of the run to go on with. */
interface Order {
  readonly registry: Registry
  readonly pipeline: Pipeline
  readonly resume: string | undefined
}

const nothingNamed = rejected([
  {
    code: 'no-file',
    path: [],
    at: 'value',
    message: 'neither a pipeline nor a run is named',
    suggestion: 'begin a run with: ibot run FILE\ngo on with one with: ibot run --resume DIR',
  },
])

const orderOf = (file: string | undefined, { set, unset, ops, resume, json }: RunOptions): TE.TaskEither<Failure, Order> => {
  const read = (registry: Registry, path: string) =>
    readPipelineAndData(registry, path, { set, unset }, json === true ? () => undefined : lineTo(err))
  if (resume === undefined || resume === true) {
    if (file === undefined) return TE.left(nothingNamed)
    return pipe(
      openRegistry(ops),
      TE.bindTo('registry'),
      TE.bind('pipeline', ({ registry }) => read(registry, file)),
      TE.bind('resume', ({ registry, pipeline }) =>
        resume === true
          ? TE.chain((run: string) => existingRun(registry, run))(newestRun(pipeline.design.plan.name))
          : TE.right(undefined),
      ),
    )
  }
  return pipe(
    openRegistry(ops),
    TE.bindTo('registry'),
    TE.bind('resume', ({ registry }) => existingRun(registry, resume)),
    TE.bind('pipeline', (run) => read(run.registry, file ?? runFolder(run.resume).resolved)),
  )
}

/** In `--resume FILE` the option has taken the pipeline for its folder. */
const untangled = async (
  file: string | undefined,
  options: RunOptions,
): Promise<readonly [file: string | undefined, RunOptions]> => {
  const { resume } = options
  if (file !== undefined || typeof resume !== 'string' || !(await isFile(resume))) return [file, options]
  return [resume, { ...options, resume: true }]
}

/** Events that no line tells: the summary is written when all is done, and how far a download or a comparison is, is for people. */
const UNTOLD: readonly RunEvent['event'][] = ['end', 'progress', 'verify']

/** JSON Lines on stdout. */
const asLines = (event: RunEvent): void => {
  if (!UNTOLD.includes(event.event)) out.write(`${JSON.stringify(event)}\n`)
}

/** What the last of the JSON Lines says of a run that ended. */
const lastLine = (summary: Summary): string => `${JSON.stringify({ event: 'end', ...summary })}\n`

/** A run that is done, what it measured, and what asks the process to stop. */
interface Trained {
  readonly summary: Summary
  readonly metrics: readonly Metric[]
  readonly signal: AbortSignal
}

const train = (
  { pipeline, resume }: Order,
  processes: Processes | undefined,
  options: RunOptions,
  stopping: Stopping,
): TE.TaskEither<Failure, Trained> => {
  const bar = progress(err)
  const json = options.json === true
  const hear = json ? asLines : bar.tell
  let metrics: readonly Metric[] = []
  let at: 'beginning' | 'running' | 'done' = 'beginning'
  const note = (message: string): void => {
    if (!json) bar.tell({ event: 'note', message })
  }
  const { signal, endable } = stopping
  signal.addEventListener('abort', () => {
    if (at === 'running') note('stopping after this step; once more to stop at once, unsaved')
    if (at === 'done') note('the run is saved; stopping without its report')
  })
  const saveNow = savesOnSignal(() => note('saving after this step, then going on'))
  return pipe(
    runDesign(pipeline.design, {
      out: options.out,
      resume,
      backend: options.backend,
      download: options.download,
      verifyData: options.verifyData,
      given: pipeline.text,
      onEvent: (event) => {
        if (event.event === 'start') {
          at = 'running'
          metrics = event.metrics
          // To go on with it if it breaks off.
          if (processes?.launched === true) void tellLauncher({ run: event.run })
        }
        hear(event)
      },
      signal,
      endable,
      saveNow,
      processes,
    }),
    TE.map((summary) => {
      at = 'done'
      return { summary, metrics, signal }
    }),
    TE.mapLeft((failure) => {
      bar.clear()
      return located(pipeline.document)(failure)
    }),
  )
}

/** Tells `ibot launch`, which has started this process, unless it is gone. */
const tellLauncher = (message: FromMember): Promise<void> =>
  new Promise((resolve) => {
    if (process.send === undefined || !process.connected) resolve()
    else process.send(message, () => resolve())
  })

/** Trains with others, of whom member 0 keeps the run. */
const followOthers = (
  { pipeline, resume }: Order,
  processes: Processes,
  options: RunOptions,
  { signal, endable }: Stopping,
): TE.TaskEither<Failure, void> => {
  const say = options.json === true ? () => undefined : lineTo(err)
  return pipe(
    followDesign(pipeline.design, {
      ...{ resume, backend: options.backend, download: options.download, signal, endable, processes },
      onEvent: (event) => {
        if (event.event === 'note') say(event.message)
      },
    }),
    TE.mapLeft(located(pipeline.document)),
  )
}

/** The run's page; a run is none the worse without. */
const reportOf = async (registry: Registry, { summary, signal }: Trained): Promise<E.Either<Failure, string>> => {
  const { writeReport } = await import('./runReport.js')
  const written = await writeReport(registry, summary.run, signal)()
  if (E.isLeft(written))
    err.write(
      written.left._tag === 'Stopped'
        ? `${failureText(written.left, err.colors)}\n`
        : `no report could be written: ${failureText(written.left)}\n`,
    )
  return written
}

export const run =
  (file: string | undefined, options: RunOptions): Outcome =>
  async () => {
    const [path, chosen] = await untangled(file, options)
    const stopping = untilStopped()
    const processes = processesOf(chosen)
    const others = E.isLeft(processes) ? undefined : processes.right
    const failed = async (failure: Failure): Promise<number> => {
      if (others?.launched === true) {
        await tellLauncher({ failure: failureText(failure) })
        // The launcher tells what member 0 doesn't.
        if (others.membership.rank > 0) return exitCode(failure)
      }
      // People read along on stderr, whatever the form of the answer.
      if (chosen.json === true) out.write(failedLine(failure))
      return report(failure)
    }
    if (E.isLeft(processes)) return failed(processes.left)
    const order = await unlessStopped(stopping.signal)(orderOf(path, chosen))()
    if (E.isLeft(order)) return failed(order.left)
    if (others !== undefined && others.membership.rank > 0) {
      const followed = await followOthers(order.right, others, chosen, stopping)()
      return E.isLeft(followed) ? failed(followed.left) : 0
    }
    const result = await pipe(
      TE.Do,
      TE.let('order', () => order.right),
      TE.bind('trained', ({ order }) => train(order, others, chosen, stopping)),
    )()
    if (E.isLeft(result)) return failed(result.left)
    const { trained } = result.right
    const page = await reportOf(order.right.registry, trained)
    const { summary, metrics } = trained
    const where = E.isRight(page) ? page.right : undefined
    out.write(
      chosen.json === true
        ? lastLine(summary)
        : `${summaryText(summary, metrics, order.right.pipeline.design.plan, where, out)}\n`,
    )
    return E.isLeft(page) && page.left._tag === 'Stopped' ? exitCode(page.left) : 0
  }
