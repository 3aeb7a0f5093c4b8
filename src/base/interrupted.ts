/** Ctrl-C and SIGTERM, for work that clears up what it has begun. */
import * as TE from 'fp-ts/TaskEither'
import type { Failure, StopSignal } from './failure'

const SIGNALS: readonly StopSignal[] = ['SIGINT', 'SIGTERM']

/**
 * Does work that a signal ends, whoever else listens to that; after it, signals mean what they meant before. The reason of the
 * abort is the signal's name.
 */
export const untilInterrupted = <A>(work: (signal: AbortSignal) => TE.TaskEither<Failure, A>): TE.TaskEither<Failure, A> =>
  TE.bracket(
    TE.fromIO(() => {
      const controller = new AbortController()
      const stop = (name: StopSignal): void => controller.abort(name)
      for (const name of SIGNALS) process.on(name, stop)
      return { controller, stop }
    }),
    ({ controller: { signal } }) => work(signal),
    ({ stop }) =>
      TE.fromIO(() => {
        for (const name of SIGNALS) process.off(name, stop)
      }),
  )
