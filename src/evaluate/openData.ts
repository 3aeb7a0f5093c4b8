/** A design with its data: everything that a run needs before its first step, or all that is wrong with it. */
import * as E from 'fp-ts/Either'
import { pipe } from 'fp-ts/function'
import * as T from 'fp-ts/Task'
import * as TE from 'fp-ts/TaskEither'
import { type Failure, joined, rejected } from '../base/failure'
import type { Span } from '../ops/schedule/kind'
import type { Design } from '../program/design'
import type { Opened } from '../program/openPlan'
import { programOf } from '../program/program'
import { oversized } from '../program/schedules'
import { lengthOf, supposed } from '../program/span'
import { type OpenedProbe, openedProbes } from './openProbes'
import { openSources, type Sources } from './openSources'

export interface Data extends Sources {
  /** As the pipeline supposes it where the data can't be opened. */
  readonly span: Span
}

/** The data of a design, as far as they can be opened, and all that is wrong with them and between them and the design. */
export const dataOf = (design: Design, notify: (message: string) => void): T.Task<Data> =>
  pipe(
    openSources(design, notify),
    T.map((sources) => {
      const span = lengthOf(design, sources.source ?? supposed(design))
      const numbers = oversized(design, span)
      const faults = numbers.length === 0 ? [] : [{ failure: rejected(numbers), path: [] }]
      return { ...sources, span, faults: [...sources.faults, ...faults] }
    }),
  )

export interface OpenedData extends Opened {
  readonly probes: readonly OpenedProbe[]
}

/** Opens a design's data and makes its program, but no tensor. */
export const openData = (design: Design, notify: (message: string) => void): TE.TaskEither<Failure, OpenedData> =>
  pipe(
    TE.fromTask(dataOf(design, notify)),
    TE.chainEitherK(({ source, probes, span, faults }) =>
      source === undefined || faults.length > 0
        ? E.left(joined(faults))
        : E.right({
            ...{ design, source, span },
            program: programOf(design, span, source.channels),
            probes: openedProbes(design, { source, probes }),
          }),
    ),
  )
