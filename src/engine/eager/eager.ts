/** The eager interpreter: runs a program's step op by op, on tfjs's WebAssembly or plain JavaScript backend. */

import * as tf from '@tensorflow/tfjs-core'
import * as TE from 'fp-ts/TaskEither'
import { type Failure, missing } from '../../base/failure'
import { concatenated } from '../../base/floats'
import { onBackend } from '../../nn/onBackend'
import { dispose, tidy } from '../../nn/tidy'
import type { Program } from '../../program/program'
import { mapped, type Tensors } from '../../program/stateNames'
import { type Interpreter, type InterpreterState, noOthers } from '../interpreter'
import { NO_MEETINGS, roundsOf } from '../record/meetings'
import { meetingsOf } from '../record/step'
import { overShares, roundsOver } from '../shares'
import type { EagerBackend } from './abilities'
import { computerOn } from './computer'
import { meetingHere } from './meeting'
import { uploadBatch, uploadNumbers, uploadState } from './upload'
import { improveWasm } from './wasm'

const load = async (backend: EagerBackend): Promise<boolean> => {
  if (backend === 'wasm') await import('@tensorflow/tfjs-backend-wasm')
  else await import('@tensorflow/tfjs-backend-cpu')
  // Without it tfjs prints an advertisement and looks at every value of every op.
  tf.enableProdMode()
  const ready = await tf.setBackend(backend)
  await tf.ready()
  if (backend === 'wasm' && ready) improveWasm()
  return ready
}

/** Makes a backend the one that computes. */
export const useBackend =
  (backend: EagerBackend): TE.TaskEither<Failure, EagerBackend> =>
  async () => {
    const remedy =
      backend === 'wasm' ? "Use Node 20 or newer, or the slower '--backend cpu'." : 'Install the project again: npm ci.'
    try {
      if (await load(backend)) return { _tag: 'Right', right: backend }
      return TE.left(missing(`the ${backend} backend of tfjs could not start`, remedy))()
    } catch (error) {
      return TE.left(
        missing(
          `the ${backend} backend of tfjs could not be loaded: ${error instanceof Error ? error.message : String(error)}`,
          remedy,
        ),
      )()
    }
  }

/** An interpreter of a program from a first state on, on a backend that is loaded; which one the process uses else is the same. */
export const eager = (backend: EagerBackend, program: Program, first: InterpreterState): Interpreter => {
  const here = <A>(f: () => A): A => onBackend(backend, f)
  let state = here(() => uploadState(first, program))
  let features: Float32Array = new Float32Array()
  const { meetings } = program.division.microBatches === 1 ? NO_MEETINGS : meetingsOf(program)
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
        if (closing) seen.push(Float32Array.from(done.features.dataSync()))
        if (ends) report = mapped(done.metrics, (tensor) => tensor.dataSync()[0]!)
        dispose([done.features, Object.values(done.metrics)])
        if (ends && done.finite.dataSync()[0] === 1) goOn(done.state, state)
        else goOn(state, done.state)
        done.finite.dispose()
      })
      meeting.dispose()
      features = concatenated(seen)
      return report
    },
    features: () => features,
    read: async () =>
      Object.fromEntries(Object.entries(state).map(([name, tensor]) => [name, Float32Array.from(tensor.dataSync())])),
    dispose: () => {
      for (const tensor of Object.values(state)) tensor.dispose()
      state = {}
    },
  }
}
