/** A pipeline as far as it is right: what is wrong with it and with its data is told at once. */
import { pipe } from 'fp-ts/function'
import type * as T from 'fp-ts/Task'
import * as TE from 'fp-ts/TaskEither'
import type { Failure, FailureAt } from '../base/failure'
import { draftFailure } from '../dsl/draftFailure'
import type { Edits } from '../dsl/read'
import type { Registry } from '../dsl/registry'
import { dataStages, openSources } from '../evaluate/openSources'
import { isRight, type Pipeline, type PipelineDraft, readPipelineDraft } from './pipeline'

/** What is wrong with the data of those stages that are right by themselves. */
export const dataFaults =
  (registry: Registry, { checked }: PipelineDraft, notify: (message: string) => void): T.Task<readonly FailureAt[]> =>
  async () =>
    (await openSources(dataStages(registry, checked), notify)()).faults

/** As `readPipeline`; where the pipeline isn't right, what is wrong with its data is told along with it. */
export const readPipelineAndData = (
  registry: Registry,
  file: string,
  edits: Edits,
  notify: (message: string) => void,
): TE.TaskEither<Failure, Pipeline> =>
  pipe(
    readPipelineDraft(registry, file, edits),
    TE.chain((draft) =>
      isRight(draft)
        ? TE.right(draft)
        : pipe(
            TE.fromTask(dataFaults(registry, draft, notify)),
            TE.chain((faults) => TE.left(draftFailure(draft, faults)!)),
          ),
    ),
  )
