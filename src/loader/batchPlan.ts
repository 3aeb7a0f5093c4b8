/** How the batches of a run are made, as plain data that a worker can be given, and what that means. */
import { pipe } from 'fp-ts/function'
import * as TE from 'fp-ts/TaskEither'
import { type Failure, missing } from '../base/failure'
import { meaningOf } from '../dsl/meaning'
import { extended, registryOf } from '../dsl/registry'
import { type OpSpec, stageKind } from '../dsl/spec'
import type { Op } from '../dsl/type'
import * as data from '../ops/data'
import type { Mask } from '../ops/mask/kind'
import type { Span } from '../ops/schedule/kind'
import type { Views } from '../ops/slots'
import type { OpenSource } from '../ops/source/kind'
import { loadOps } from '../ops/userOps'
import type { BatchShape } from '../program/batch'
import type { Division } from '../program/division'
import type { Opened } from '../program/openPlan'
import { type Fill, filling } from './batches'

export interface BatchPlan {
  /** Stages of the pipeline. */
  readonly dataset: Op
  readonly views: Op
  readonly masking: Op | undefined
  readonly seed: number
  readonly repeatedAugmentation: number
  readonly maxBad: number
  readonly shape: BatchShape
  readonly division: Division
  /** Whether pictures are mixed with one another. */
  readonly mixed: boolean
  readonly span: Span
  /** Modules of the user's ops. */
  readonly ops: readonly string[]
  /** That of the data as the run opened them. */
  readonly fingerprint: string
}

export const batchPlanOf = ({ design, source, span, program }: Opened, ops: readonly string[] = []): BatchPlan => ({
  dataset: design.dataset.op,
  views: design.views.op,
  masking: design.masking?.op,
  seed: design.training.meaning.seed,
  repeatedAugmentation: design.training.meaning.repeatedAugmentation,
  maxBad: design.training.meaning.maxBad,
  shape: program.batch,
  division: program.division,
  mixed: design.mixing !== undefined,
  span,
  ops,
  fingerprint: source.fingerprint,
})

const OPS = registryOf(Object.values(data).map(({ spec }): OpSpec => spec))

/** What a plan comes to: opens the data anew, which must be those of the run. */
export const openBatchPlan = ({
  dataset,
  views,
  masking,
  seed,
  repeatedAugmentation,
  maxBad,
  shape,
  division,
  mixed,
  span,
  fingerprint,
  ops,
}: BatchPlan): TE.TaskEither<Failure, Fill> =>
  pipe(
    loadOps(ops),
    TE.chainEitherK((more) => extended(OPS, more)),
    TE.bindTo('registry'),
    TE.bind('source', ({ registry }) =>
      (meaningOf(registry, stageKind, dataset) as OpenSource)(() => undefined, { download: false }),
    ),
    TE.filterOrElse(
      ({ source }) => source.fingerprint === fingerprint,
      ({ source }) => missing(`the data (${source.name}) changed while the run began`, 'Begin again once nothing changes them.'),
    ),
    TE.map(({ registry, source }) => {
      const chances = {
        training: { meaning: { seed, repeatedAugmentation, maxBad } },
        views: { meaning: meaningOf(registry, stageKind, views) as Views },
        masking: masking && { meaning: meaningOf(registry, stageKind, masking) as Mask },
      }
      return filling({ ...chances, mixing: mixed ? true : undefined }, source, { shape, division, span })
    }),
  )
