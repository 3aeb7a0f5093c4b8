/** Everything that a run needs before its first step: the design, the data and the program. */
import { pipe } from 'fp-ts/function'
import * as TE from 'fp-ts/TaskEither'
import type { Failure } from '../base/failure'
import type { Plan } from '../dsl/plan'
import type { Reach, Source } from '../io/source'
import { registry } from '../ops/registry'
import type { Span } from '../ops/schedule/kind'
import { type Design, designOf } from './design'
import { type Program, programOf } from './program'
import { spanOf } from './span'

export interface Opened {
  readonly design: Design
  readonly source: Source
  readonly span: Span
  readonly program: Program
}

type Notify = (message: string) => void

/** Opens a design's data and makes its program; no tensor is made. */
export const openDesign = (design: Design, notify: Notify = () => undefined, reach?: Reach): TE.TaskEither<Failure, Opened> =>
  pipe(
    design.dataset.meaning(notify, reach),
    TE.bindTo('source'),
    TE.bind('span', ({ source }) => TE.fromEither(spanOf(design, source))),
    TE.map(({ source, span }) => ({ design, source, span, program: programOf(design, span, source.channels) })),
  )

/** Checks a plan, and opens it. */
export const openPlan = (plan: Plan, notify?: Notify): TE.TaskEither<Failure, Opened> =>
  pipe(
    TE.fromEither(designOf(registry, plan)),
    TE.chain((design) => openDesign(design, notify)),
  )
