/** A run that another process leads: this one computes its shares. */
import * as E from 'fp-ts/Either'
import { pipe } from 'fp-ts/function'
import * as TE from 'fp-ts/TaskEither'
import type { Failure } from '../base/failure'
import { guarded } from '../engine/thrown'
import { modulesIn } from '../ops/registry'
import type { Design } from '../program/design'
import type { Opened } from '../program/openPlan'
import { readCheckpoint, type Saved } from '../store/checkpoint'
import { checkpointPath } from '../store/checkpoints'
import { runFolder } from '../store/folder'
import { follow, otherState } from './follow'
import { type DesignOptions, prepared, withData, withInterpreter } from './prepare'
import { freshState, type Start, startOf, stateHash } from './start'
import { together } from './together'

/**
 * Trains a design with others, of whom member 0 keeps the run and says what concerns all: this one tells whom it waits for, where
 * nobody sees that at member 0, and what is wrong with its own share.
 */
export const followDesign = (design: Design, options: DesignOptions): TE.TaskEither<Failure, void> => {
  const own = options.onEvent ?? (() => undefined)
  const notify = (message: string) => own({ event: 'note', message })
  const tell = () => undefined
  return pipe(
    withData(design, options, tell),
    TE.chain((data) =>
      together(data.opened, options, options.processes?.launched === true ? tell : own, (some) => {
        const team = some!
        return pipe(
          prepared(data, team, options, tell),
          TE.bindTo('ready'),
          TE.bind('start', () => startOf(team, undefined)),
          TE.bind('saved', ({ start }) => stateAt(data.opened, start, options)),
          TE.chain(({ ready, saved }) =>
            withInterpreter(ready, saved, options, tell, (interpreter) =>
              follow({ ...ready.opened, team, interpreter, from: saved.progress.step, notify, signal: options.signal }),
            ),
          ),
        )
      }),
    ),
    guarded,
  )
}

/** The state that member 0 begins with. */
const stateAt = (opened: Opened, { step, state: expected }: Start, options: DesignOptions): TE.TaskEither<Failure, Saved> => {
  const { resume } = options
  const { design, program } = opened
  const read =
    step === 0 || resume === undefined
      ? freshState(opened, options, () => undefined)
      : pipe(
          readCheckpoint(checkpointPath(runFolder(resume, modulesIn(design.plan.pipeline)).checkpoints, step), program.state),
          TE.chain((found) => (E.isLeft(found) ? TE.left(otherState('this member')) : TE.right(found.right))),
        )
  return pipe(
    read,
    TE.filterOrElse(
      (saved) => stateHash(saved.state) === expected,
      () => otherState('this member'),
    ),
  )
}
