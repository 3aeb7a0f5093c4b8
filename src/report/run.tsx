/** The report of a run: all that its folder knows, as one page of less than 5 MB. */
import * as E from 'fp-ts/Either'
import { pipe } from 'fp-ts/function'
import * as TE from 'fp-ts/TaskEither'
import type { VNode } from 'preact'
import { command } from '../base/command'
import { defect, type Failure, stoppedBy } from '../base/failure'
import { turn } from '../base/turn'
import type { Plan } from '../dsl/plan'
import { readPlan } from '../dsl/read'
import type { Registry } from '../dsl/registry'
import { guarded } from '../engine/thrown'
import { readFile } from '../io/files'
import { seenPictures } from '../loader/seen'
import { modulesOf } from '../ops/userOps'
import { checkedDesign, type Design } from '../program/design'
import { type Opened, openDesign } from '../program/openPlan'
import { type About, aboutOf } from '../store/about'
import { readCourse } from '../store/course'
import type { Course } from '../store/courseCollector'
import { type Evaluation, newestOfEach, readEvaluations } from '../store/evaluations'
import { opsOptions, type RunFolder, runFolder } from '../store/folder'
import { countDamaged, type RaisedAlarm, readRaisedAlarms } from '../store/listed'
import { recordedMetrics } from '../store/metrics'
import { loadCharts } from './chart'
import { Evaluations } from './evaluations'
import { Facts, Notes, whyNot } from './facts'
import { goOnCommand, longerCommand } from './goOn'
import { learntPart } from './learnt'
import { page } from './page'
import { type Part, PartSection, partOf } from './part'
import { sectionParts } from './sections'
import { Summary } from './summary'
import { shownPictures, VIEWS_NOTE, ViewRows } from './views'

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
          <p class="note">{VIEWS_NOTE}</p>
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

/** What the files of a run's folder tell. */
interface Known {
  readonly folder: RunFolder
  readonly about: About
  readonly resolved: string
  readonly course: Course
  /** The newest of each probe. */
  readonly evaluations: readonly Evaluation[]
  readonly alarms: readonly RaisedAlarm[]
  /** Pictures that couldn't be read. */
  readonly damaged: number
}

/** A run as its folder has it now, and the pipeline that it trains. */
export interface RunState extends Known {
  readonly plan: Plan
  readonly design: Design
  readonly steps: number
  readonly title: string
}

/** Reads the folder of a run. */
export const readRunState = (registry: Registry, path: string): TE.TaskEither<Failure, RunState> => {
  const folder = runFolder(path)
  return pipe(
    TE.Do,
    TE.bind('about', () =>
      pipe(
        text(folder.about, "the run's record"),
        TE.chainEitherK((record) => aboutOf(folder, record)),
      ),
    ),
    TE.bind('resolved', () => text(folder.resolved, "the run's pipeline")),
    TE.bind('course', ({ about }) => readCourse(folder.metrics, Number(about.steps))),
    TE.bind('evaluations', () => TE.map(newestOfEach)(readEvaluations(folder))),
    TE.bind('alarms', () => readRaisedAlarms(folder)),
    TE.bind('damaged', () => countDamaged(folder)),
    TE.bind('checked', ({ resolved }) =>
      TE.fromEither(
        pipe(
          readPlan(registry, folder.resolved, resolved),
          E.mapLeft((problems): Failure => ({ _tag: 'Rejected', problems })),
        ),
      ),
    ),
    TE.bind('design', ({ checked: { checked } }) => TE.fromEither(checkedDesign(registry, checked))),
    TE.map(({ checked: { plan }, ...known }) => {
      const steps = Number(known.about.steps)
      const { last } = known.course
      const title = `${plan.name}: ${last === steps ? 'report of a run' : `report of a run at step ${last} of ${steps}`}`
      return { ...known, folder, plan, steps, title }
    }),
  )
}

/** What the files of the folder alone tell: summary and charts, which are ready at once. */
export const toldParts = async (state: RunState): Promise<readonly Part[]> => {
  const { folder, about, course, evaluations, alarms, damaged, plan, design, steps } = state
  const metrics = recordedMetrics(about, design)
  const chart = await loadCharts()
  const marks = alarms.map(({ alarm, step }) => ({ name: alarm, step }))
  const isDone = course.last >= steps
  return [
    partOf(
      'Summary',
      <Summary
        {...{ metrics, course, steps, alarms, damaged }}
        batch={Number(about.batch)}
        kept={{ run: folder.path, next: (isDone ? longerCommand : goOnCommand)(folder.path, plan) }}
      />,
    ),
    ...sectionParts({ course, metrics, steps, marks, chart }),
    ...(evaluations.length > 0
      ? [
          partOf(
            'Evaluations',
            <div class="wide">
              <Evaluations evaluations={evaluations} />
            </div>,
          ),
        ]
      : []),
  ]
}

/** Opens the run's data, whose pictures are read until the signal; a page is no reason to fetch them. */
export const openSeen = async ({ design }: RunState, signal: AbortSignal | undefined): Promise<E.Either<Failure, Opened>> =>
  E.map((data: Opened) => readUntil(signal, data))(await openDesign(design, undefined, { download: false })())

/** Views and masks of the first pictures. */
export const viewsOf = async (opened: E.Either<Failure, Opened>): Promise<Part> =>
  partOf('Views and masks', await viewsPart(opened, ROOM))

/** A part that isn't there, and why. */
export const absentViews = (why: string): Part => partOf('Views and masks', <p class="note">{why}</p>)

const LEARNT = 'What the network has learnt'
/** What the network of the newest checkpoint has learnt. */
export const learntOf = async ({ folder }: RunState, opened: Opened, signal: AbortSignal | undefined): Promise<Part> =>
  partOf(LEARNT, await learntPart(folder.path, opened, signal))
export const absentLearnt = (why: string): Part => partOf(LEARNT, <p class="note">{why}</p>)

/** What the run was made of, and with. */
export const recordParts = ({ about, resolved }: RunState): readonly Part[] => {
  const { metrics: _charted, ...environment } = about
  return [partOf('Pipeline', <pre>{resolved}</pre>), partOf('Environment', <Facts rows={factsOf(environment)} />)]
}

const render = async (state: RunState, signal: AbortSignal | undefined): Promise<string> => {
  const opened = await openSeen(state, signal)
  const parts = [
    ...(await toldParts(state)),
    await viewsOf(opened),
    ...(E.isLeft(opened) ? [] : [await learntOf(state, opened.right, signal)]),
    ...recordParts(state),
  ]
  return page(
    state.title,
    parts.map((part) => <PartSection key={part.id} part={part} />),
    { script: true, anchors: parts },
  )
}

/** The report of the run in a folder, which may still be going on; it is not made to its end where the signal is aborted. */
export const runReport = (registry: Registry, path: string, signal?: AbortSignal): TE.TaskEither<Failure, string> =>
  pipe(
    turn(signal),
    TE.chain(() => readRunState(registry, path)),
    TE.chain((state) => TE.tryCatch(() => render(state, signal), defect)),
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
