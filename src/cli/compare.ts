/** `ibot compare`: runs beside each other, as a table and as a page. */
import * as fs from 'node:fs/promises'
import * as E from 'fp-ts/Either'
import { pipe } from 'fp-ts/function'
import * as TE from 'fp-ts/TaskEither'
import { command, pathWord } from '../base/command'
import { type Failure, type LocatedProblem, rejected } from '../base/failure'
import type { Registry } from '../dsl/registry'
import { type Comparison, compareRuns, namesOf } from '../report/compare/comparison'
import { comparisonPage } from '../report/compare/page'
import { type Results, readResults } from '../report/compare/results'
import type { CompareOptions } from './command/compare'
import { comparisonJson, comparisonText } from './compareText'
import { aboutFile } from './file'
import { openRegistry } from './ops'
import { tellPaths, writeOutputs } from './outputs'
import { type Outcome, reportAs } from './report'
import { foundRun } from './runFolders'
import { err, lineTo, out } from './terminal'

/** Points that all curves of a metric have together: what a chart shows, and a page of many runs can hold. */
const POINTS = { together: 2400, most: 600, least: 60 }

const pointsOf = (runs: number): number =>
  Math.max(POINTS.least, Math.min(POINTS.most, Math.floor(POINTS.together / Math.max(1, runs))))

/** Runs that have been read, in their order, and what they come to beside each other. */
export interface Compared {
  readonly results: readonly Results[]
  readonly comparison: Comparison
}

export const readRuns = (registry: Registry, runs: readonly string[]): TE.TaskEither<Failure, Compared> =>
  pipe(
    runs,
    TE.traverseSeqArray((run) => readResults(registry, run, pointsOf(runs.length))),
    TE.chainFirstIOK((results) => () => {
      for (const { run, unread } of results)
        if (unread !== undefined) lineTo(err)(`the pipeline of ${run} is compared as it is written: ${unread}`)
    }),
    TE.map((results) => ({ results, comparison: compareRuns(results) })),
  )

const alone = (run: string): LocatedProblem =>
  aboutFile(
    run,
    'unfit-runs',
    'a run alone has nothing to be compared with',
    `name another one; what there is of it: ${command('ibot', 'report', pathWord(run))}`,
  )

/** Folders that are the same by another name, or by the same. */
const repeated = async (runs: readonly string[]): Promise<readonly LocatedProblem[]> => {
  const real = await Promise.all(runs.map((run) => fs.realpath(run).catch(() => run)))
  return runs.flatMap((run, i) => {
    const first = real.indexOf(real[i]!)
    return first === i ? [] : [aboutFile(run, 'unfit-runs', `this is the run in ${runs[first]} again`, 'name each run once')]
  })
}

/** All that is wrong with the runs that are named. */
const checked =
  (runs: readonly string[]): TE.TaskEither<Failure, void> =>
  async () => {
    const found = await Promise.all(runs.map((run) => foundRun(run, 'to compare')()))
    const absent = found.flatMap((one) => (E.isLeft(one) && one.left._tag === 'Rejected' ? one.left.problems : []))
    const problems = [
      ...absent,
      ...(await repeated(runs)),
      ...(runs.length === 1 && absent.length === 0 ? [alone(runs[0]!)] : []),
    ]
    return problems.length === 0 ? E.right(undefined) : E.left(rejected(problems))
  }

export const compare =
  (runs: readonly string[], { out: file, json = false, ops }: CompareOptions): Outcome =>
  async () => {
    const names = namesOf(runs)
    const result = await pipe(
      checked(runs),
      TE.chain(() => openRegistry(ops)),
      TE.chain((registry) => readRuns(registry, runs)),
      TE.bindTo('compared'),
      TE.bind('pages', ({ compared }) =>
        file === undefined
          ? TE.right([])
          : TE.chain((page: string) => writeOutputs('', file, [['.html', page]]))(
              comparisonPage({ title: `${runs.length} runs compared`, names, labels: [], ...compared }),
            ),
      ),
    )()
    if (E.isLeft(result)) return reportAs(json, result.left)
    const { compared, pages } = result.right
    if (json) {
      const page = pages[0] ?? null
      out.write(`${JSON.stringify({ ok: true, runs, page, ...comparisonJson(compared.comparison) })}\n`)
      return 0
    }
    out.write(`${comparisonText(names, compared.comparison, out)}\n`)
    if (pages.length > 0) {
      out.write('\n')
      tellPaths(pages)
    }
    return 0
  }
