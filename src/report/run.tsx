/** The report of a run: all that its folder knows, as one page of less than 5 MB. */
import * as E from 'fp-ts/Either'
import { pipe } from 'fp-ts/function'
import * as TE from 'fp-ts/TaskEither'
import type { ComponentChildren, VNode } from 'preact'
import { command } from '../base/command'
import { type Failure, stoppedBy } from '../base/failure'
import { turn } from '../base/turn'
import { readPlan } from '../dsl/read'
import type { Registry } from '../dsl/registry'
import { guarded } from '../engine/thrown'
import { readFile } from '../io/files'
import { seenPictures } from '../loader/seen'
import { modulesOf } from '../ops/userOps'
import { checkedDesign } from '../program/design'
import { type Opened, openDesign } from '../program/openPlan'
import { type About, aboutOf } from '../store/about'
import { type Curves, readCurves } from '../store/curves'
import { type Evaluation, newestOfEach, readEvaluations } from '../store/evaluations'
import { opsOptions, type RunFolder, runFolder } from '../store/folder'
import { recordedMetrics } from '../store/metrics'
import { loadCharts } from './chart'
import { sectionsOf } from './charts'
import { Evaluations } from './evaluations'
import { learntPart } from './learnt'
import { Facts, Notes, page, whyNot } from './page'
import { shownPictures, ViewRows } from './views'

const LIMIT = 5_000_000
/** Pictures with their views; fewer where these are many. */
const PICTURES = [4, 2, 1] as const

const text = (path: string, what: string): TE.TaskEither<Failure, string> =>
  pipe(
    readFile(path, what),
    TE.map((bytes) => new TextDecoder().decode(bytes)),
  )

/** A record's entries, one a line, those inside others by dotted names. */
const factsOf = (about: About, prefix = ''): readonly (readonly [string, string])[] =>
  Object.entries(about).flatMap(([name, value]): readonly (readonly [string, string])[] => {
    const full = `${prefix}${name}`
    if (Array.isArray(value))
      return [[full, value.length <= 12 ? value.join(', ') : `${value.slice(0, 12).join(', ')}, … (${value.length})`]]
    return typeof value === 'object' && value !== null ? factsOf(value as About, `${full}.`) : [[full, String(value)]]
  })

const Part = ({ title, children }: { readonly title: string; readonly children: ComponentChildren }): VNode => (
  <section>
    <h2>{title}</h2>
    {children}
  </section>
)

/** Views and masks of the first pictures, as small as it takes. */
const viewsPart = async (opened: E.Either<Failure, Opened>, room: number): Promise<VNode> => {
  if (E.isLeft(opened)) return <p class="note">The data can't be opened: {whyNot(opened.left)}.</p>
  for (const count of PICTURES) {
    const pictures = await seenPictures(opened.right, 0, count)()
    if (E.isLeft(pictures)) return <p class="note">No picture can be shown: {whyNot(pictures.left)}.</p>
    const shown = await shownPictures(pictures.right.pictures, 'small')
    const size = shown.reduce(
      (sum, { original, views }) => sum + original.uri.length + views.reduce((n, { uri }) => n + uri.length, 0),
      0,
    )
    if (size <= room)
      return (
        <>
          <Notes texts={pictures.right.damaged} />
          <ViewRows pictures={shown} />
        </>
      )
  }
  return <p class="note">The views are too large for a report; ibot view shows them.</p>
}

/** The rest of the page may take this much. */
const ROOM = LIMIT - 2_000_000

/** The same data, whose pictures are read until the signal. */
const readUntil = (signal: AbortSignal | undefined, opened: Opened): Opened => ({
  ...opened,
  source: {
    ...opened.source,
    read: (i) =>
      pipe(
        turn(signal),
        TE.chain(() => () => opened.source.read(i)),
      )(),
  },
})

interface Known {
  readonly folder: RunFolder
  readonly about: About
  readonly resolved: string
  readonly curves: Curves
  /** The newest of each probe. */
  readonly evaluations: readonly Evaluation[]
}

const render = async (
  registry: Registry,
  { folder, about, resolved, curves, evaluations }: Known,
  signal: AbortSignal | undefined,
): Promise<E.Either<Failure, string>> => {
  const read = readPlan(registry, folder.resolved, resolved)
  if (E.isLeft(read)) return E.left({ _tag: 'Rejected', problems: read.left })
  const { plan, checked } = read.right
  const design = checkedDesign(registry, checked)
  if (E.isLeft(design)) return design
  const steps = Number(about.steps)
  const { metrics: _charted, ...environment } = about
  const chart = await loadCharts()
  const opened = E.map((data: Opened) => readUntil(signal, data))(await openDesign(design.right)())
  const views = await viewsPart(opened, ROOM)
  const learnt = E.isLeft(opened) ? undefined : await learntPart(folder.path, opened.right, signal)
  const done = curves.last
  return E.right(
    page(
      `${plan.name}: ${done === steps ? 'report of a run' : `report of a run at step ${done} of ${steps}`}`,
      <>
        <p class="note">
          {folder.path}; {done} of {steps} steps
        </p>
        {sectionsOf(curves, recordedMetrics(about, design.right), steps).map(({ title, charts, constants }) => (
          <Part key={title} title={title}>
            <div class="charts">{charts.map(chart)}</div>
            {constants.length > 0 && <Facts rows={constants} />}
          </Part>
        ))}
        {evaluations.length > 0 && (
          <Part title="Evaluations">
            <Evaluations evaluations={evaluations} />
          </Part>
        )}
        <Part title="Views and masks">{views}</Part>
        {learnt !== undefined && <Part title="What the network has learnt">{learnt}</Part>}
        <Part title="Pipeline">
          <pre>{resolved}</pre>
        </Part>
        <Part title="Environment">
          <Facts rows={factsOf(environment)} />
        </Part>
      </>,
    ),
  )
}

/** The report of the run in a folder, which may still be going on; it is not made to its end where the signal is aborted. */
export const runReport = (registry: Registry, path: string, signal?: AbortSignal): TE.TaskEither<Failure, string> => {
  const folder = runFolder(path)
  return pipe(
    TE.Do,
    TE.chainFirst(() => turn(signal)),
    TE.bind('about', () =>
      pipe(
        text(folder.about, "the run's record"),
        TE.chainEitherK((record) => aboutOf(folder, record)),
      ),
    ),
    TE.bind('resolved', () => text(folder.resolved, "the run's pipeline")),
    TE.bind('curves', ({ about }) => readCurves(folder.metrics, Number(about.steps))),
    TE.bind('evaluations', () => TE.map(newestOfEach)(readEvaluations(folder))),
    TE.chain((known) => () => render(registry, { folder, ...known }, signal)),
    // A part that was broken off says why it is missing; a page of such parts isn't one.
    TE.chainFirst(() => turn(signal)),
    guarded,
    TE.mapLeft((failure) =>
      signal?.aborted === true
        ? stoppedBy(
            signal,
            "the run's report was not made",
            `Make it with: ${command('ibot', 'report', path, ...opsOptions(modulesOf(registry.ops)))}`,
          )
        : failure,
    ),
  )
}
