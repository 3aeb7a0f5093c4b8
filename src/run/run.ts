/** A run of a plan: what a TypeScript program calls, so its types name no tensors. */
import { pipe } from 'fp-ts/function'
import * as TE from 'fp-ts/TaskEither'
import type { Failure } from '../base/failure'
import type { Plan, Runnable } from '../dsl/plan'
import { guarded } from '../engine/thrown'
import { registry } from '../ops/registry'
import { designOf } from '../program/design'
import type { RunOptions, Summary } from './events'
import { runDesign } from './runDesign'

/** Trains a plan from its beginning, or from the newest checkpoint of the run that `resume` names. */
export const runPlan = (plan: Plan<Runnable>, options: RunOptions = {}): TE.TaskEither<Failure, Summary> =>
  guarded(
    pipe(
      TE.Do,
      TE.chainEitherK(() => designOf(registry, plan)),
      TE.chain((design) => runDesign(design, options)),
    ),
  )
