/** The step in which a run's numbers became non-finite, run again op by op. */
import * as tf from '@tensorflow/tfjs-core'
import * as E from 'fp-ts/Either'
import { pipe } from 'fp-ts/function'
import * as TE from 'fp-ts/TaskEither'
import type { Failure } from '../base/failure'
import type { Plan } from '../dsl/plan'
import type { EagerBackend } from '../engine/backend'
import { useBackend } from '../engine/eager/eager'
import { type Replayed, replay } from '../engine/eager/replay'
import { type FirstNonFinite, TooLong } from '../engine/eager/watch'
import { guarded } from '../engine/thrown'
import { registry } from '../ops/registry'
import { designOf } from '../program/design'
import type { Opened } from '../program/openPlan'
import { programOf } from '../program/program'
import { type Bundle, readBundle } from '../store/bundle'
import type { RunFolder } from '../store/folder'

export interface ReplayResult extends Replayed {
  /** Which step it was, from 1, of how many. */
  readonly step: number
  readonly steps: number
  readonly backend: EagerBackend
}

/** Monitors have nothing to do with it, and may be NaN where there is nothing to measure. */
const again = (design: Opened['design'], { span, channels, ...step }: Bundle, seconds: number): Replayed =>
  replay(programOf(design, span, channels, { monitors: false }), step, seconds)

/** Runs the step in a run's folder again; the data aren't needed for it. */
export const replayRun = (plan: Plan, folder: RunFolder, backend: EagerBackend): TE.TaskEither<Failure, ReplayResult> =>
  guarded(
    pipe(
      TE.Do,
      TE.bind('design', () => TE.fromEither(designOf(registry, plan))),
      TE.bind('bundle', () => readBundle(folder)),
      TE.chainFirst(() => useBackend(backend)),
      TE.map(({ design, bundle }) => ({
        ...again(design, bundle, Number.POSITIVE_INFINITY),
        step: bundle.done,
        steps: bundle.span.steps,
        backend,
      })),
    ),
  )

/** How long a run that ends tries to find out where it went wrong. */
const PATIENCE = 60

/** Where a step's numbers become non-finite; undefined if that takes too long, doesn't fit into memory, or can't be seen op by op. */
export const firstNonFinite = async ({ design }: Pick<Opened, 'design'>, bundle: Bundle): Promise<Replayed | undefined> => {
  // The backend of a run that is computed op by op is in use already.
  const backend: EagerBackend = tf.engine().backendName === 'cpu' ? 'cpu' : 'wasm'
  if (E.isLeft(await useBackend(backend)())) return undefined
  try {
    return again(design, bundle, PATIENCE)
  } catch (error) {
    if (error instanceof TooLong || error instanceof RangeError || error instanceof WebAssembly.RuntimeError) return undefined
    throw error
  }
}

/** `Log in 'clsDistillation', after student.head.last_layer.weight_v` */
export const placeOf = ({ operation, where: { stage, after, gradient } }: FirstNonFinite): string =>
  [
    operation,
    ...(gradient ? ['in the gradient of what is done'] : []),
    ...(stage === undefined ? [] : [`in '${stage}'`]),
    ...(after === undefined ? [] : [`after ${after}`]),
  ].join(' ')
