/** How a failure leaves the loop, whatever is under way. */
import * as E from 'fp-ts/Either'
import type * as TE from 'fp-ts/TaskEither'
import { type Failure, stoppedBy } from '../base/failure'

export class Abort extends Error {
  constructor(readonly failure: Failure) {
    super('aborted')
  }
}

export const orAbort = async <A>(task: TE.TaskEither<Failure, A>): Promise<A> => {
  const result = await task()
  if (E.isLeft(result)) throw new Abort(result.left)
  return result.right
}

/** What a promise gives, or undefined as soon as a signal asks to stop. */
export const orStopped = async <A>(signal: AbortSignal | undefined, promise: Promise<A>): Promise<A | undefined> => {
  if (signal === undefined) return promise
  const over = new AbortController()
  const asked = new Promise<undefined>((resolve) => {
    if (signal.aborted) resolve(undefined)
    else signal.addEventListener('abort', () => resolve(undefined), { signal: over.signal })
  })
  try {
    return await Promise.race([promise, asked])
  } finally {
    over.abort()
  }
}

/** What was asked for before a run began leaves nothing, and can be asked for again. */
const notBegun = (signal: AbortSignal): Failure => stoppedBy(signal, 'no run was begun', 'Start again.')

/** A task that fails as soon as a signal asks to stop; what it is doing then counts for nothing. For work that leaves nothing behind. */
export const unlessStopped =
  (signal: AbortSignal | undefined) =>
  <A>(task: TE.TaskEither<Failure, A>): TE.TaskEither<Failure, A> =>
  async () => {
    if (signal?.aborted === true) return E.left(notBegun(signal))
    return (await orStopped(signal, task())) ?? E.left(notBegun(signal!))
  }
