/** The step in which a run's numbers became non-finite, run again op by op. */
import * as E from 'fp-ts/Either'
import { pipe } from 'fp-ts/function'
import * as TE from 'fp-ts/TaskEither'
import type { Failure } from '../base/failure'
import type { Backend } from '../engine/backends'
import type { Replayed } from '../engine/eager/replay'
import { type FirstNonFinite, TooLong } from '../engine/eager/watch'
import type { Engine, ReplayingEngine } from '../engine/engine'
import { kindOf, REPLAYER } from '../engine/engines'
import { openReplayer } from '../engine/openEngine'
import { guarded } from '../engine/thrown'
import { unsupportedFailure } from '../program/attribution'
import type { Design } from '../program/design'
import { undivided } from '../program/division'
import type { Opened } from '../program/openPlan'
import { programOf } from '../program/program'
import { type Bundle, readBundle } from '../store/bundle'
import type { RunFolder } from '../store/folder'

export interface ReplayResult extends Replayed {
  /** Which step it was, from 1, of how many. */
  readonly step: number
  readonly steps: number
  readonly backend: Backend
}

/** Monitors have nothing to do with it, and may be NaN where there is nothing to measure. */
const again = (
  { replay }: Pick<ReplayingEngine, 'replay'>,
  design: Design,
  { span, channels, ...step }: Bundle,
  seconds: number,
): Replayed => replay(programOf(design, span, channels, { monitors: false, division: undivided(span.batch) }), step, seconds)

/** Runs the step in a run's folder again; the data aren't needed for it. */
export const replayRun = (design: Design, folder: RunFolder, backend: Backend): TE.TaskEither<Failure, ReplayResult> =>
  guarded(
    pipe(
      readBundle(folder),
      TE.bindTo('bundle'),
      TE.bind('engine', () => openReplayer(backend)),
      TE.map(({ bundle, engine }) => ({
        ...again(engine, design, bundle, Number.POSITIVE_INFINITY),
        step: bundle.done,
        steps: bundle.span.steps,
        backend,
      })),
    ),
    kindOf(backend).elsewhere,
  )

/** How long a run that ends tries to find out where it went wrong. */
const PATIENCE = 60

/** What replays a step of a run: the run's own engine, or the fastest that can. */
const replayerOf = async ({ replay }: Pick<Engine, 'replay'>): Promise<Pick<ReplayingEngine, 'replay'> | undefined> => {
  if (replay !== undefined) return { replay }
  const opened = await openReplayer(REPLAYER)()
  return E.isRight(opened) ? opened.right : undefined
}

/** Where a step's numbers become non-finite; undefined if that takes too long, doesn't fit into memory, or can't be seen op by op. */
export const firstNonFinite = async (
  { design, engine }: Pick<Opened, 'design'> & { readonly engine: Pick<Engine, 'replay'> },
  bundle: Bundle,
): Promise<Replayed | undefined> => {
  const replayer = await replayerOf(engine)
  if (replayer === undefined) return undefined
  try {
    return again(replayer, design, bundle, PATIENCE)
  } catch (error) {
    if (error instanceof TooLong || error instanceof RangeError || error instanceof WebAssembly.RuntimeError) return undefined
    if (unsupportedFailure(error) !== undefined) return undefined
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
