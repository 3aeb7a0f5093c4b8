/** The eager interpreter: runs a program's step op by op, on a backend of tfjs. */
import { concatenated } from '../../base/floats'
import { onBackend } from '../../nn/onBackend'
import { dispose, tidy } from '../../nn/tidy'
import type { Program } from '../../program/program'
import { mapped, type Tensors } from '../../program/stateNames'
import { type Interpreter, type InterpreterState, noOthers } from '../interpreter'
import { type Meetings, NO_MEETINGS, roundsOf } from '../record/meetings'
import { overShares, roundsOver } from '../shares'
import type { EagerBackend } from './abilities'
import { computerOn } from './computer'
import { meetingHere } from './meeting'
import { allValues, valuesOf } from './read'
import { uploadBatch, uploadNumbers, uploadState } from './upload'

/**
 * An interpreter of a program from a first state on, on a backend that is loaded; which one the process uses else is the same.
 *
 * @param meetings where the shares of a batch meet, if it is divided
 */
export const eager = (
  backend: EagerBackend,
  program: Program,
  first: InterpreterState,
  { meetings }: Meetings = NO_MEETINGS,
): Interpreter => {
  const here = <A>(f: () => A): A => onBackend(backend, f)
  let state = here(() => uploadState(first, program))
  let features: Float32Array = new Float32Array()
  const { microBatches } = program.division
  const rounds = roundsOver(microBatches === 1 ? 1 : roundsOf(meetings), microBatches, (round, last) => ({ round, last }))
  /** Goes on with one of two states; what only the other one holds is freed. */
  const goOn = (chosen: Tensors, other: Tensors) => {
    const kept = new Set(Object.values(chosen).map((tensor) => tensor.id))
    for (const tensor of Object.values(other)) if (!kept.has(tensor.id)) tensor.dispose()
    state = chosen
  }

  return {
    ...computerOn(backend, () => state),
    concurrent: false,
    rounds: rounds.length,
    step: async (first, numbers, others = noOthers) => {
      const seen: Float32Array[] = []
      let report: Readonly<Record<string, number>> = {}
      const meeting = meetingHere(program.division, meetings)
      await overShares(program.division.microBatches, rounds, first, others, async (pass, batch, { closing, ends }) => {
        const done = here(() =>
          tidy(() => program.step(state, uploadBatch(batch, program), uploadNumbers(numbers), meeting.across(pass))),
        )
        if (closing) seen.push(await valuesOf(done.features))
        if (ends) report = mapped(await allValues(done.metrics), ([value]) => value!)
        dispose([done.features, Object.values(done.metrics)])
        if (ends && (await done.finite.data())[0] === 1) goOn(done.state, state)
        else goOn(state, done.state)
        done.finite.dispose()
      })
      meeting.dispose()
      features = concatenated(seen)
      return report
    },
    features: () => features,
    read: () => allValues(state),
    dispose: () => {
      for (const tensor of Object.values(state)) tensor.dispose()
      state = {}
    },
  }
}
