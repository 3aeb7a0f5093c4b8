/** `ibot sweep`: a grid of runs, one after another, and the table that compares them. */
import { join } from 'node:path'
import * as E from 'fp-ts/Either'
import { pipe } from 'fp-ts/function'
import * as TE from 'fp-ts/TaskEither'
import { command } from '../base/command'
import { type Failure, rejected, stoppedBy } from '../base/failure'
import { type Document, readDocument } from '../dsl/document'
import type { Registry } from '../dsl/registry'
import { writeAtomically } from '../io/files'
import type { Reach } from '../io/source'
import { comparisonPage } from '../report/compare/page'
import { unlessStopped } from '../run/abort'
import type { RunEvent } from '../run/events'
import { type Axes, axesOf } from '../sweep/axes'
import { type Base, type CheckedGrid, checkGrid, gridProblems } from '../sweep/check'
import type { ChildEvent } from '../sweep/child'
import { type Combination, combinationsOf } from '../sweep/grid'
import { readRecord, type SweepFolder, sameAxes, sweepFolder } from '../sweep/record'
import { checkRuns, lockedSweep, STOPPED, type Swept, sweep } from '../sweep/sweep'
import type { SweepOptions } from './command/sweep'
import { readRuns } from './compare'
import { readText } from './file'
import { openRegistry } from './ops'
import { progress } from './progress'
import { type Outcome, reportAs } from './report'
import { untilStopped } from './signals'
import { columnsOf, type SweepResult, sweepExit, sweepJson, sweepText } from './sweepText'
import { err, out } from './terminal'
import { plural } from './words'

const SWEEPS = 'sweeps'
/** More runs than that are a slip. */
const MOST = 1000

/** A sweep whose combinations are known. */
interface Order {
  readonly registry: Registry
  readonly base: Base
  readonly folder: SweepFolder
  readonly combinations: readonly Combination[]
}

const problem = (message: string, suggestion: string): Failure =>
  rejected([{ code: 'unfit-grid', path: [], at: 'value', message, suggestion }])

/** The name of a pipeline, by which the sweep's folder is called; one without is refused with its combinations. */
const nameIn = ({ value }: Document): string => {
  const name = typeof value === 'object' && value !== null && 'name' in value ? value.name : undefined
  return typeof name === 'string' && /^[A-Za-z0-9][\w.-]*$/.test(name) ? name : 'pipeline'
}

const orderOf = (file: string, { set = [], unset, seeds, ops, out: folder }: SweepOptions): TE.TaskEither<Failure, Order> =>
  pipe(
    TE.Do,
    TE.bind('registry', () => openRegistry(ops)),
    TE.bind('text', () => readText(file)),
    TE.bind('document', ({ text }) => TE.fromEither(E.mapLeft(rejected)(readDocument(file, text)))),
    TE.let('folder', ({ document }) => sweepFolder(folder ?? join(SWEEPS, nameIn(document)))),
    TE.bind('before', ({ folder }) => readRecord(folder)),
    TE.bind('asked', ({ before }) => TE.fromEither(E.mapLeft(rejected)(axesOf({ set, seeds, known: before?.axes })))),
    TE.bind('axes', ({ folder, before, asked }) =>
      TE.fromEither(before === undefined ? E.right(asked.axes) : sameAxes(folder, before, asked.axes)),
    ),
    TE.let('combinations', ({ axes }) => combinationsOf(axes)),
    TE.filterOrElse(
      ({ combinations }) => combinations.length <= MOST,
      ({ combinations }) =>
        problem(`these are ${plural(combinations.length, 'combination')}, and ${MOST} are the most`, 'name fewer values'),
    ),
    TE.map(({ registry, text, folder, asked, axes, combinations }) => {
      const own: Axes = { axes, template: asked.template }
      return {
        ...{ registry, folder, combinations },
        base: { registry, file, text, unset, axes: own },
      }
    }),
  )

/** All combinations that can run; where some can't, none does, unless they are to be left out. */
const checkedGrid = (
  { registry, base, folder, combinations }: Order,
  skip: boolean,
  notify: (message: string) => void,
  reach: Reach,
): TE.TaskEither<Failure, CheckedGrid> =>
  pipe(
    checkGrid(base, combinations, notify, reach),
    TE.filterOrElse(
      ({ ready, refused }) => refused.length === 0 || (skip && ready.length > 0),
      ({ refused }) => rejected(gridProblems(refused, combinations.length)),
    ),
    TE.chainFirst(({ ready }) => checkRuns(registry, folder, ready)),
  )

/** The runs that there are, beside each other, and their page. */
const resultOf = ({ registry, folder, base }: Order, swept: readonly Swept[]): TE.TaskEither<Failure, SweepResult> => {
  const axes = base.axes.axes.map(({ path }) => path)
  const places = swept.flatMap(({ begun }, i) => (begun ? [i] : []))
  const there = places.map((i) => swept[i]!)
  return pipe(
    readRuns(
      registry,
      there.map(({ combination: { name } }) => join(folder.path, name)),
    ),
    TE.chainFirst(({ results, comparison }) =>
      pipe(
        comparisonPage({
          title: `Sweep in ${folder.path}`,
          names: there.map(({ combination: { name } }) => name),
          labels: columnsOf(axes, there),
          results,
          comparison,
        }),
        TE.chain((page) => writeAtomically(folder.page, page)),
      ),
    ),
    TE.map(({ comparison }) => ({ folder: folder.path, axes, swept, compared: { comparison, places }, page: folder.page })),
  )
}

/** What each `ibot run` is told besides its pipeline. */
const passedOn = ({ backend, download }: SweepOptions): readonly string[] => [
  ...(backend === undefined ? [] : ['--backend', backend]),
  ...(download ? [] : ['--no-download']),
]

/** Does what isn't done yet, one run after the other. */
const swept = (
  order: Order,
  {
    options,
    tell,
    signal,
  }: { readonly options: SweepOptions; readonly tell: (event: RunEvent) => void; readonly signal: AbortSignal },
): TE.TaskEither<Failure, SweepResult> => {
  const { folder, base } = order
  const again = command('ibot', ...process.argv.slice(2))
  // To go on with one run is to go on with all.
  const hear = (event: ChildEvent): void =>
    tell((event.event === 'start' ? { ...event, resume: again } : event) as unknown as RunEvent)
  const notify = (message: string): void => tell({ event: 'note', message })
  const stopped = (): Failure => stoppedBy(signal, `the sweep in ${folder.path} is saved`, `Go on with: ${again}`)
  return pipe(
    unlessStopped(signal)(checkedGrid(order, options.skipRejected === true, notify, { download: options.download })),
    TE.chain((grid) =>
      lockedSweep(folder, () =>
        sweep(folder, base.text, base.axes.axes, grid, {
          options: passedOn(options),
          ops: options.ops ?? [],
          unset: options.unset ?? [],
          tell: hear,
          signal,
        }),
      ),
    ),
    TE.chain((done) => (done === STOPPED ? TE.left(stopped()) : resultOf(order, done))),
  )
}

export const sweepRuns =
  (file: string, options: SweepOptions): Outcome =>
  async () => {
    const { json = false } = options
    const bar = progress(err)
    const tell = json ? () => undefined : bar.tell
    const { signal } = untilStopped()
    signal.addEventListener('abort', () =>
      tell({ event: 'note', message: 'stopping after this step; once more to stop at once, unsaved' }),
    )
    const result = await pipe(
      orderOf(file, options),
      TE.chain((order) => swept(order, { options, tell, signal })),
    )()
    bar.clear()
    if (E.isLeft(result)) return reportAs(json, result.left)
    out.write(`${json ? JSON.stringify(sweepJson(result.right)) : sweepText(result.right, out)}\n`)
    return sweepExit(result.right.swept)
  }
