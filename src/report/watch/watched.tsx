/** A run that is looked at while it goes on: the parts of its page, made anew when the run's folder has changed. */
import { createHash } from 'node:crypto'
import * as fs from 'node:fs/promises'
import * as E from 'fp-ts/Either'
import * as TE from 'fp-ts/TaskEither'
import { renderToString } from 'preact-render-to-string'
import { defect, type Failure } from '../../base/failure'
import type { Registry } from '../../dsl/registry'
import { guarded } from '../../engine/thrown'
import type { Opened } from '../../program/openPlan'
import { runFolder } from '../../store/folder'
import { whyNot } from '../facts'
import { type Extras, page } from '../page'
import { type Part, PartSection } from '../part'
import {
  absentLearnt,
  absentViews,
  learntOf,
  openSeen,
  type RunState,
  readRunState,
  recordParts,
  toldParts,
  viewsOf,
} from '../run'

/** A part as text, with a mark that tells one content of it from another. */
interface Section {
  readonly id: string
  readonly title: string
  readonly mark: string
  readonly html: string
}

/** What there is of a run now. */
export interface Seen {
  readonly title: string
  readonly sections: readonly Section[]
}

/** What a page is told that asks for news: all parts in their order, in full those that it hasn't got. */
export interface News {
  readonly title: string
  readonly parts: readonly { readonly id: string; readonly mark: string; readonly html?: string }[]
}

export interface Watched {
  readonly seen: () => Promise<E.Either<Failure, Seen>>
}

/** Milliseconds after which a page asks again. */
const PAUSE = 2000
/** Reading the folder of a long run takes its time: it is done for at most one part in so many of the time. */
const SHARE = 10

export const EXTRAS: Extras = { script: true, watch: PAUSE }

const sectionOf = (part: Part): Section => {
  const plain = renderToString(<PartSection part={part} />)
  const mark = createHash('sha256').update(plain).digest('hex').slice(0, 16)
  return { id: part.id, title: part.title, mark, html: renderToString(<PartSection part={part} mark={mark} />) }
}

/** The page with all that there is now. */
export const watchedPage = ({ title, sections }: Seen): string =>
  page(title, <main dangerouslySetInnerHTML={{ __html: sections.map(({ html }) => html).join('') }} />, {
    ...EXTRAS,
    anchors: sections,
  })

/** What is new for a page that has the contents of these marks. */
export const newsOf = ({ title, sections }: Seen, have: ReadonlySet<string>): News => ({
  title,
  parts: sections.map(({ id, mark, html }) => (have.has(mark) ? { id, mark } : { id, mark, html })),
})

/** Tells one state of the files that a run adds to from another. */
const stampOf = async (path: string): Promise<string> => {
  const { about, metrics, alarms, evaluations, damaged } = runFolder(path)
  const found = await Promise.all(
    [about, metrics, alarms, evaluations, damaged].map((file) =>
      fs.stat(file).then(
        ({ size, mtimeMs }) => `${size} ${mtimeMs}`,
        () => '-',
      ),
    ),
  )
  return found.join()
}

const caught = <A,>(work: () => Promise<A>): Promise<E.Either<Failure, A>> => guarded(TE.tryCatch(work, defect))()

/**
 * Watches the run in a folder, in which nothing is written. Views are drawn once; what the network has learnt is computed when the
 * run is at its end, so that a training that goes on isn't slowed.
 */
export const watchRun = (registry: Registry, path: string, signal: AbortSignal): Watched => {
  let views: Part = absentViews('They are being drawn.')
  let learnt: Part | undefined
  let begun = { views: false, learnt: false }
  let opened: Promise<E.Either<Failure, Opened>> | undefined
  let told: { readonly stamp: string; readonly state: RunState; readonly sections: readonly Section[] } | undefined
  let notBefore = 0
  let pending: Promise<E.Either<Failure, Seen>> | undefined

  /** Parts with their text, which may hold megabytes of pictures. */
  const known = new WeakMap<Part, Section>()
  const written = (part: Part): Section => {
    const section = known.get(part) ?? sectionOf(part)
    known.set(part, section)
    return section
  }

  const open = (state: RunState): Promise<E.Either<Failure, Opened>> => {
    opened ??= openSeen(state, signal)
    return opened
  }

  const drawViews = async (state: RunState): Promise<void> => {
    const drawn = await caught(async () => viewsOf(await open(state)))
    views = E.isRight(drawn) ? drawn.right : absentViews(`${whyNot(drawn.left)}.`)
  }
  const computeLearnt = async (state: RunState): Promise<void> => {
    const data = await open(state)
    if (E.isLeft(data)) return
    const made = await caught(() => learntOf(state, data.right, signal))
    learnt = E.isRight(made) ? made.right : absentLearnt(`${whyNot(made.left)}.`)
  }

  const read = async (): Promise<E.Either<Failure, readonly [RunState, readonly Section[]]>> => {
    const stamp = await stampOf(path)
    if (told !== undefined && (told.stamp === stamp || performance.now() < notBefore)) return E.right([told.state, told.sections])
    const since = performance.now()
    const state = await readRunState(registry, path)()
    if (E.isLeft(state)) return state
    const sections = (await toldParts(state.right)).map(sectionOf)
    notBefore = performance.now() + SHARE * (performance.now() - since)
    told = { stamp, state: state.right, sections }
    return E.right([state.right, sections])
  }

  const look = async (): Promise<E.Either<Failure, Seen>> => {
    const found = await caught(read)
    if (E.isLeft(found)) return found
    if (E.isLeft(found.right)) return found.right
    const [state, sections] = found.right.right
    const atEnd = state.course.last >= state.steps
    if (!begun.views) void drawViews(state)
    if (atEnd && !begun.learnt) void computeLearnt(state)
    begun = { views: true, learnt: begun.learnt || atEnd }
    const waiting = absentLearnt(
      atEnd ? 'It is being computed.' : "It is computed when the run is at its end; 'ibot report' does it at any time.",
    )
    const slow = [views, learnt ?? waiting, ...recordParts(state)].map(written)
    return E.right({ title: state.title, sections: [...sections, ...slow] })
  }

  return {
    seen: () => {
      pending ??= look().finally(() => {
        pending = undefined
      })
      return pending
    },
  }
}
