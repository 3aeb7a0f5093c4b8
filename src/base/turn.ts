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

/** Milliseconds for which work may keep others waiting. */
const LONGEST = 50

/** Does work that could be interrupted at each of its `yield`s: every 50 ms timers and signals get their turn. */
export const inTurns = async <A>(work: Generator<void, A>): Promise<A> => {
  let since = performance.now()
  for (;;) {
    const { done, value } = work.next()
    if (done === true) return value
    if (performance.now() - since < LONGEST) continue
    await setImmediate()
    since = performance.now()
  }
}
