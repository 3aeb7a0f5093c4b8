/** `ibot check`: all that is wrong with a pipeline, or what it is going to be. Nothing is trained. */
import * as E from 'fp-ts/Either'
import { pipe } from 'fp-ts/function'
import * as TE from 'fp-ts/TaskEither'
import { defect, exitCode, type Failure, type LocatedProblem, type Problem, rejected } from '../base/failure'
import { type Document, locate, locateAll, type Path } from '../dsl/document'
import { problemJson } from '../dsl/render'
import { checkMemory } from '../engine/memory'
import { expected, recorderHere } from '../engine/openEngine'
import { type FailureAt, openProbes } from '../evaluate/openProbes'
import type { Opened } from '../program/openPlan'
import { programOf } from '../program/program'
import { cutSchedules } from '../program/schedules'
import { spanOf } from '../program/span'
import { type Forecast, forecast } from '../run/forecast'
import type { TensorFlow } from '../tensorflow/capi'
import type { CheckOptions } from './command/check'
import { warningsText } from './failureText'
import { forecastText } from './forecastText'
import { openRegistry } from './ops'
import { located, type Pipeline, readPipeline } from './pipeline'
import { type Outcome, report, reportAs } from './report'
import { err, lineTo, out } from './terminal'

/** A failure, and in which part of the document its cause stands where it isn't a problem with a place of its own. */
interface Trouble {
  readonly failure: Failure
  readonly document?: Document
  readonly path?: Path
}

const at =
  (document: Document, path: Path) =>
  (failure: Failure): Trouble => ({ failure: located(document)(failure), document, path })

/** What is forecast, and why a step's cost isn't, where it isn't. */
interface Foreseen {
  readonly forecast: Forecast
  readonly unknown: string | undefined
  /** What is right, but seldom meant. */
  readonly warnings: readonly LocatedProblem[]
}

/** Records a step and counts what it takes; nothing is fetched for that. What records is loaded only if it can. */
const costOf = (tensorflow: TensorFlow | undefined, opened: Pick<Opened, 'design' | 'span' | 'program'>) =>
  tensorflow === undefined
    ? TE.right(null)
    : TE.tryCatch(async () => {
        const { stepForecast } = await import('../run/stepForecast.js')
        return stepForecast(tensorflow, opened.design, opened.span, opened.program)
      }, defect)

/** Opens the data and makes the program, but no tensors. */
const forecastOf = ({ design, document }: Pipeline, notify: (message: string) => void): TE.TaskEither<Trouble, Foreseen> =>
  pipe(
    TE.Do,
    TE.let('design', () => design),
    TE.bind('source', ({ design: { dataset } }) => TE.mapLeft(at(document, dataset.path))(dataset.meaning(notify))),
    TE.bind('probes', ({ design, source }) =>
      TE.mapLeft(({ failure, path }: FailureAt) => at(document, path)(failure))(openProbes({ design, source }, notify)),
    ),
    TE.bind('span', ({ design, source }) => TE.fromEither(E.mapLeft(at(document, []))(spanOf(design, source)))),
    TE.let('program', ({ design, span, source }) => programOf(design, span, source.channels)),
    TE.bind('here', () => TE.fromTask(recorderHere)),
    TE.chainFirst(({ here, program, design: { head } }) =>
      TE.fromEither(E.mapLeft(at(document, head.path))(checkMemory(program, expected(E.isRight(here) ? here.right : undefined)))),
    ),
    TE.bind('cost', ({ here, ...opened }) =>
      TE.mapLeft(at(document, []))(costOf(E.isRight(here) ? here.right.recording : undefined, opened)),
    ),
    TE.map(({ design, span, program, source, probes, here, cost }) => ({
      forecast: forecast(design, span, program, source, probes, cost),
      unknown: E.isLeft(here) ? reasonOf(here.left) : undefined,
      warnings: locateAll(document, cutSchedules(design, span)),
    })),
  )

const reasonOf = (failure: Failure): string =>
  'remedy' in failure ? `${failure.message}. ${failure.remedy}` : "TensorFlow can't be used"

/** What is wrong with its place in the pipeline, where there is one. */
const problemsOf = ({ failure, document, path = [] }: Trouble): readonly (Problem | LocatedProblem)[] | undefined => {
  if (failure._tag !== 'Missing') return undefined
  const problem = missingProblem(failure, path)
  return [document === undefined ? problem : locate(document, problem)]
}

/** A failure with its place in the pipeline, where there is one. */
const reportAt = (trouble: Trouble): number => {
  const { failure, document } = trouble
  const problems = document === undefined ? undefined : problemsOf(trouble)
  report(problems === undefined ? failure : rejected(problems))
  return exitCode(failure)
}

const missingProblem = ({ message, remedy }: Extract<Failure, { readonly _tag: 'Missing' }>, path: Path): Problem => ({
  code: 'missing',
  path,
  at: 'key',
  message,
  suggestion: remedy,
})

export const check =
  (file: string, { set, ops, json = false }: CheckOptions): Outcome =>
  async () => {
    const notify = json ? () => undefined : lineTo(err)
    const result = await pipe(
      openRegistry(ops),
      TE.chain((registry) => readPipeline(registry, file, set)),
      TE.mapLeft((failure): Trouble => ({ failure })),
      TE.bindTo('pipeline'),
      TE.bind('foreseen', ({ pipeline }) => forecastOf(pipeline, notify)),
    )()
    if (E.isLeft(result))
      return json ? reportAs(json, result.left.failure, { problems: problemsOf(result.left) }) : reportAt(result.left)
    const { pipeline, foreseen } = result.right
    if (json) {
      const { name, pipeline: stages } = pipeline.design.plan
      out.write(
        `${JSON.stringify({ ok: true, problems: [], warnings: foreseen.warnings.map(problemJson), plan: { name, pipeline: stages }, forecast: foreseen.forecast })}\n`,
      )
    } else {
      out.write(`${out.colors.green('ok')}  ${file}\n\n${forecastText(foreseen.forecast, out, foreseen.unknown)}\n`)
      if (foreseen.warnings.length > 0) out.write(`\n${warningsText(foreseen.warnings, out.colors)}\n`)
    }
    return 0
  }
