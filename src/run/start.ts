/** Where a run begins: the same for all processes that train it. */
import { createHash } from 'node:crypto'
import { pipe } from 'fp-ts/function'
import * as TE from 'fp-ts/TaskEither'
import type { Failure } from '../base/failure'
import type { InterpreterState } from '../engine/interpreter'
import { architectureOf, ofClasses } from '../program/networks'
import type { Opened } from '../program/openPlan'
import type { Saved } from '../store/checkpoint'
import { withInitialWeights } from './initialWeights'
import type { DesignOptions } from './prepare'
import type { Team } from './team'

/** Where all members begin: the step, and a hash of the state. */
export interface Start {
  readonly step: number
  readonly state: string
}

const startAt = ({ state, progress }: Saved): Start => ({ step: progress.step, state: stateHash(state) })

/** Member 0 tells the others where to begin. */
export const startOf = (team: Team, saved: Saved | undefined): TE.TaskEither<Failure, Start> =>
  pipe(
    team.agree<Start | null>('where to begin', saved === undefined ? null : startAt(saved)),
    TE.map(([first]) => first!),
  )

export const stateHash = (state: InterpreterState): string => {
  const hash = createHash('sha256')
  for (const values of Object.values(state)) hash.update(new Uint8Array(values.buffer, values.byteOffset, values.byteLength))
  return hash.digest('hex')
}

/** What a new run starts from. */
export const freshState = (
  { design, program }: Opened,
  { endable = async (work) => work() }: DesignOptions,
  notify: (message: string) => void,
): TE.TaskEither<Failure, Saved> =>
  pipe(
    TE.fromTask<InterpreterState, Failure>(() => endable(() => program.init(design.training.meaning.seed))),
    TE.chain((state) =>
      design.initialWeights === undefined
        ? TE.right(state)
        : withInitialWeights(design.initialWeights, architectureOf(design), ofClasses(design), program, state, notify),
    ),
    TE.map((state) => ({ state, progress: { step: 0, probes: {} } })),
  )
