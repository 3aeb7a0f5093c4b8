/** `ibot check`: all that is wrong with a pipeline, or what it is going to be. Nothing is trained. */
import * as E from 'fp-ts/Either'
import { pipe } from 'fp-ts/function'
import * as TE from 'fp-ts/TaskEither'
import { defect, exitCode, type Failure, type FailureAt, type LocatedProblem } from '../base/failure'
import { locateAll } from '../dsl/document'
import { draftFailure } from '../dsl/draftFailure'
import { problemJson } from '../dsl/render'
import { checkMemory } from '../engine/memory'
import { expected, libraryHere } from '../engine/openEngine'
import { dataOf } from '../evaluate/openData'
import type { Opened } from '../program/openPlan'
import { programOf } from '../program/program'
import { supposed } from '../program/span'
import { warningsOf } from '../program/warnings'
import { type Forecast, forecast } from '../run/forecast'
import { weightsFault } from '../run/initialWeights'
import type { TensorFlow } from '../tensorflow/capi'
import type { CheckOptions } from './command/check'
import { dataFaults } from './draft'
import { warningsText } from './failureText'
import { forecastText } from './forecastText'
import { openRegistry } from './ops'
import { isRight, type Pipeline, type PipelineDraft, readPipelineDraft } from './pipeline'
import { failureJson, type Outcome, report, reportAs } from './report'
import { err, lineTo, out } from './terminal'

/** The exit code where all that is wrong lies in what isn't there. */
const MISSING_DATA = 3

/** What was found: all that is wrong, and what can be told of the run all the same. */
interface Found {
  readonly pipeline: PipelineDraft
  readonly faults: readonly FailureAt[]
  /** Undefined where the pipeline itself isn't right. */
  readonly forecast: Forecast | undefined
  /** Why a step's cost isn't known, where it isn't. */
  readonly unknown?: string | undefined
  /** What is right, but seldom meant. */
  readonly warnings: readonly LocatedProblem[]
}

/** Records a step and counts what it takes. TensorFlow measures how fast this machine is, if it is here: nothing is fetched for that. */
const costOf = (tensorflow: TensorFlow | undefined, opened: Pick<Opened, 'design' | 'span' | 'program'>) =>
  TE.tryCatch(async () => {
    const { stepForecast } = await import('../run/stepForecast.js')
    return stepForecast(tensorflow, opened.design, opened.span, opened.program)
  }, defect)

/** Makes the program, but no tensors, and looks at the data, which need not be there. */
const foreseen = async (pipeline: PipelineDraft & Pipeline, notify: (message: string) => void): Promise<Found> => {
  const { design, document } = pipeline
  const data = await dataOf(design, notify)()
  // Who has stopped a download doesn't wait for the rest.
  if (data.faults.some(({ failure }) => failure._tag === 'Stopped'))
    return { pipeline, faults: data.faults, forecast: undefined, warnings: [] }
  const { source, span } = data
  const program = programOf(design, span, supposed(design).channels)
  const here = await libraryHere()
  const memory = checkMemory(program, expected(E.isRight(here) ? here.right : undefined))
  const weights = design.initialWeights === undefined ? [] : await weightsFault(design.initialWeights)
  const cost = E.isLeft(memory)
    ? E.right(null)
    : await costOf(E.isRight(here) ? here.right.library : undefined, { design, span, program })()
  return {
    pipeline,
    faults: [
      ...data.faults,
      ...weights,
      ...(E.isLeft(memory) ? [{ failure: memory.left, path: design.head.path }] : []),
      ...(E.isLeft(cost) ? [{ failure: cost.left, path: [] }] : []),
    ],
    forecast: forecast(design, program, data, E.isRight(cost) ? cost.right : null),
    unknown: E.isLeft(here) ? reasonOf(here.left) : E.isLeft(memory) ? "the pipeline doesn't fit into memory" : undefined,
    warnings: source === undefined ? [] : locateAll(document, warningsOf(design, span)),
  }
}

const reasonOf = (failure: Failure): string =>
  'remedy' in failure ? `${failure.message}. ${failure.remedy}` : "TensorFlow can't be used"

export const check =
  (file: string, { ops, json = false, ...edits }: CheckOptions): Outcome =>
  async () => {
    const notify = json ? () => undefined : lineTo(err)
    const read = await pipe(
      openRegistry(ops),
      TE.bindTo('registry'),
      TE.bind('pipeline', ({ registry }) => readPipelineDraft(registry, file, edits)),
    )()
    if (E.isLeft(read)) return reportAs(json, read.left)
    const { registry, pipeline } = read.right
    const found: Found = isRight(pipeline)
      ? await foreseen(pipeline, notify)
      : { pipeline, faults: await dataFaults(registry, pipeline, notify)(), forecast: undefined, warnings: [] }
    return tell(file, found, json)
  }

/** What the run is going to be, where that is known. */
const tell = (file: string, found: Found, json: boolean): number => {
  const { pipeline, faults, forecast: known, unknown, warnings } = found
  const failure = draftFailure(pipeline, faults)
  if (failure?._tag === 'Defect') return reportAs(json, failure)
  // Sizes can be told without data; of a pipeline that has to be changed they mean nothing.
  const shown = failure === undefined || exitCode(failure) === MISSING_DATA ? known : undefined
  if (json) {
    const forecasts = shown === undefined ? {} : { forecast: shown }
    const answer = failure === undefined ? rightJson(pipeline, warnings) : failureJson(failure)
    out.write(`${JSON.stringify({ ...answer, ...forecasts })}\n`)
    return failure === undefined ? 0 : exitCode(failure)
  }
  if (shown !== undefined) {
    const heading = failure === undefined ? out.colors.green('ok') : out.colors.yellow("can't run yet")
    out.write(`${heading}  ${file}\n\n${forecastText(shown, out, unknown)}\n${failure === undefined ? '' : '\n'}`)
  }
  if (failure !== undefined) return report(failure)
  if (warnings.length > 0) out.write(`\n${warningsText(warnings, out.colors)}\n`)
  return 0
}

const rightJson = ({ checked }: PipelineDraft, warnings: readonly LocatedProblem[]) => ({
  ok: true,
  problems: [],
  warnings: warnings.map(problemJson),
  plan: { name: checked.name, pipeline: checked.stages.map(({ op }) => op) },
})
