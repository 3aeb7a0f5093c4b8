/** A design with its data: everything that a run needs before its first step, or all that is wrong with it. */
import * as E from 'fp-ts/Either'
import { pipe } from 'fp-ts/function'
import * as T from 'fp-ts/Task'
import * as TE from 'fp-ts/TaskEither'
import { type Failure, type FailureAt, joined, missing, rejected } from '../base/failure'
import type { Reach } from '../io/source'
import type { Span } from '../ops/schedule/kind'
import type { Design } from '../program/design'
import { sharedDivision } from '../program/divided'
import { frozenNetwork, networksOf } from '../program/networks'
import type { Opened } from '../program/openPlan'
import { programOf } from '../program/program'
import { oversized } from '../program/schedules'
import { lengthOf, supposed } from '../program/span'
import { type OpenedProbe, openedProbes } from './openProbes'
import { openSources, type Sources } from './openSources'

/** Probes that take the features of more blocks than the network has, or shows. */
const blocksLacking = (design: Design): readonly FailureAt[] => {
  const { blocks } = networksOf(design, supposed(design).channels)[frozenNetwork(design)]!.backbone
  const count = blocks?.count ?? 1
  return design.probes
    .filter(({ meaning }) => meaning.features.cls > count)
    .map(({ name, path, meaning: { features } }) => ({
      path,
      failure: missing(
        `'${name}' takes the features of the last ${features.cls} blocks, and '${design.backbone.name}' ${blocks === undefined ? "doesn't show its blocks" : `has ${count}`}`,
        count === 1 ? 'Take those of the last one: 1.' : `Take at most ${count}.`,
      ),
    }))
}

export interface Data extends Sources {
  /** As the pipeline supposes it where the data can't be opened. */
  readonly span: Span
}

/** The data of a design, as far as they can be opened, and all that is wrong with them and between them and the design. */
export const dataOf = (design: Design, notify: (message: string) => void, reach?: Reach): T.Task<Data> =>
  pipe(
    openSources(design, notify, reach),
    T.map((sources) => {
      const span = lengthOf(design, sources.source ?? supposed(design))
      const numbers = oversized(design, span)
      const faults = numbers.length === 0 ? [] : [{ failure: rejected(numbers), path: [] }]
      return { ...sources, span, faults: [...sources.faults, ...blocksLacking(design), ...faults] }
    }),
  )

export interface OpenedData extends Opened {
  readonly probes: readonly OpenedProbe[]
}

export interface OpenOptions extends Reach {
  /** How many processes compute the program together; 1 by default. */
  readonly processes?: number | undefined
}

/** Opens a design's data and makes its program, but no tensor. */
export const openData = (
  design: Design,
  notify: (message: string) => void,
  { processes = 1, download }: OpenOptions = {},
): TE.TaskEither<Failure, OpenedData> =>
  pipe(
    TE.fromTask(dataOf(design, notify, { download })),
    TE.chainEitherK(({ source, probes, span, faults }) => {
      if (source === undefined || faults.length > 0) return E.left(joined(faults))
      const division = sharedDivision(design, span.batch, processes)
      if (!('pictures' in division)) return E.left(rejected(division))
      return E.right({
        ...{ design, source, span },
        program: programOf(design, span, source.channels, { division }),
        probes: openedProbes(design, { source, probes }),
      })
    }),
  )
