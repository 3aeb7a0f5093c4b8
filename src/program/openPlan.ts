/** Everything that a run needs before its first step: the design, the data and the program. */
import { pipe } from 'fp-ts/function'
import * as TE from 'fp-ts/TaskEither'
import type { Failure } from '../base/failure'
import type { Plan } from '../dsl/plan'
import type { Source } from '../io/source'
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

/** Checks a plan, opens its data and makes its program; no tensor is made. */
export const openPlan = (plan: Plan, notify: (message: string) => void = () => undefined): TE.TaskEither<Failure, Opened> =>
  pipe(
    TE.Do,
    TE.bind('design', () => TE.fromEither(designOf(registry, plan))),
    TE.bind('source', ({ design }) => design.dataset.meaning(notify)),
    TE.bind('span', ({ design, source }) => TE.fromEither(spanOf(design, source))),
    TE.map(({ design, source, span }) => ({ design, source, span, program: programOf(design, span, source.channels) })),
  )
