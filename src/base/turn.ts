/** Long work in pieces: between two of them timers and signals get their turn, and the work ends where it was told to. */
import { setImmediate } from 'node:timers/promises'
import * as E from 'fp-ts/Either'
import type * as TE from 'fp-ts/TaskEither'
import { type Failure, stoppedBy } from './failure'

/** Between two pieces of work: gives others their turn, and fails once the signal is aborted. */
export const turn =
  (signal: AbortSignal | undefined): TE.TaskEither<Failure, void> =>
  async () => {
    await setImmediate()
    return signal?.aborted === true ? E.left(stoppedBy(signal, 'it was not finished', 'Start again.')) : E.right(undefined)
  }
