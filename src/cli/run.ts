/** `ibot run`: trains a pipeline, or goes on with a run. */
import * as E from 'fp-ts/Either'
import { pipe } from 'fp-ts/function'
import * as TE from 'fp-ts/TaskEither'
import { exitCode, type Failure, rejected } from '../base/failure'
import type { Registry } from '../dsl/registry'
import { problemJson } from '../dsl/render'
import type { Json } from '../dsl/type'
import type { Backend } from '../engine/backend'
import type { RunEvent, Summary } from '../run/events'
import { runPlan } from '../run/run'
import { runFolder } from '../store/folder'
import { failureText } from './failureText'
import { type OpsOption, openRegistry } from './ops'
import { located, type Pipeline, readPipeline } from './pipeline'
import { progress } from './progress'
import { type Outcome, report } from './report'
import { existingRun, isFile, newestRun } from './runFolders'
import { savesOnSignal, untilStopped } from './signals'
import { summaryText } from './summary'
import { err, out } from './terminal'

export interface RunCommand extends OpsOption {
  readonly set?: readonly string[]
  readonly out?: string
  /** `true` without a folder: the pipeline's newest run. */
  readonly resume?: string | true
  readonly backend?: Backend
  readonly download?: boolean
  readonly json?: boolean
}

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

const orderOf = (file: string | undefined, { set, ops, resume }: RunCommand): TE.TaskEither<Failure, Order> => {
  if (resume === undefined || resume === true) {
    if (file === undefined) return TE.left(nothingNamed)
    return pipe(
      openRegistry(ops),
      TE.bindTo('registry'),
      TE.bind('pipeline', ({ registry }) => readPipeline(registry, file, set)),
      TE.bind('resume', ({ registry, pipeline }) =>
        resume === true
          ? TE.chain((run: string) => existingRun(registry, run))(newestRun(pipeline.plan.name))
          : TE.right(undefined),
      ),
    )
  }
  return pipe(
    openRegistry(ops),
    TE.bindTo('registry'),
    TE.bind('resume', ({ registry }) => existingRun(registry, resume)),
    TE.bind('pipeline', (run) => readPipeline(run.registry, file ?? runFolder(run.resume).resolved, set)),
  )
}

/** In `--resume FILE` the option has taken the pipeline for its folder. */
const untangled = async (
  file: string | undefined,
  options: RunCommand,
): Promise<readonly [file: string | undefined, RunCommand]> => {
  const { resume } = options
  if (file !== undefined || typeof resume !== 'string' || !(await isFile(resume))) return [file, options]
  return [resume, { ...options, resume: true }]
}

/** The last line of a run that failed, where a program reads along. */
const failureJson = (failure: Failure): Json => {
  switch (failure._tag) {
    case 'Rejected':
      return { failed: failure._tag, exit: exitCode(failure), problems: failure.problems.map(problemJson) }
    case 'Defect':
      return { failed: failure._tag, exit: exitCode(failure), message: String(failure.error) }
    default:
      return { failed: failure._tag, exit: exitCode(failure), message: failure.message, suggestion: failure.remedy }
  }
}

/** JSON Lines on stdout; the summary itself is written when all is done, and a download's progress is for people. */
const asLines = (event: RunEvent): void => {
  if (event.event !== 'end' && event.event !== 'progress') out.write(`${JSON.stringify(event)}\n`)
}

const train = ({ pipeline, resume }: Order, options: RunCommand): TE.TaskEither<Failure, Summary> => {
  const bar = progress(err)
  const json = options.json === true
  const note = (message: string): void => {
    if (!json) bar.tell({ event: 'note', message })
  }
  const signal = untilStopped(() => note('stopping after this step; once more to stop at once, unsaved'))
  const saveNow = savesOnSignal(() => note('saving after this step, then going on'))
  return pipe(
    runPlan(pipeline.plan, {
      out: options.out,
      resume,
      backend: options.backend,
      download: options.download,
      given: pipeline.text,
      onEvent: json ? asLines : bar.tell,
      signal,
      saveNow,
    }),
    TE.mapLeft((failure) => {
      bar.clear()
      return located(pipeline.document)(failure)
    }),
  )
}

/** The run's page; a run is none the worse without. */
const reportOf = async (registry: Registry, summary: Summary): Promise<string | undefined> => {
  const { writeReport } = await import('./runReport.js')
  const written = await writeReport(registry, summary.run)()
  if (E.isRight(written)) return written.right
  err.write(`no report could be written: ${failureText(written.left)}\n`)
  return undefined
}

export const run =
  (file: string | undefined, options: RunCommand): Outcome =>
  async () => {
    const [path, chosen] = await untangled(file, options)
    const result = await pipe(
      TE.bindTo('order')(orderOf(path, chosen)),
      TE.bind('summary', ({ order }) => train(order, chosen)),
    )()
    if (E.isLeft(result)) {
      if (chosen.json === true) out.write(`${JSON.stringify(failureJson(result.left))}\n`)
      return report(result.left)
    }
    const { order, summary } = result.right
    const page = await reportOf(order.registry, summary)
    out.write(`${chosen.json === true ? JSON.stringify(summary) : summaryText(summary, order.pipeline.plan, page, out)}\n`)
    return 0
  }
