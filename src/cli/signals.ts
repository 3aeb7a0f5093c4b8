/** Signals: the first Ctrl-C or SIGTERM asks the run to save and stop, the second ends the process at once; SIGUSR1 asks it to save. */
import { setImmediate } from 'node:timers/promises'
import type { StopSignal } from '../base/failure'

/** What a process ends with that a signal ended. */
export const SIGNAL_CODES = { SIGINT: 130, SIGTERM: 143 } as const

export interface Stopping {
  /** Aborted, with the name of the process signal as its reason, when the process is asked to stop. */
  readonly signal: AbortSignal
  /** Does work that keeps the thread busy and leaves nothing behind: meanwhile the system ends the process at the first signal. */
  readonly endable: <A>(work: () => A) => Promise<A>
}

/** Listens to signals that ask the process to stop. */
export const untilStopped = (): Stopping => {
  const controller = new AbortController()
  const listeners = (Object.keys(SIGNAL_CODES) as StopSignal[]).map((name) => {
    const listener = (): void => {
      if (controller.signal.aborted) process.exit(SIGNAL_CODES[name])
      controller.abort(name)
    }
    return { name, listener }
  })
  const listen = (): void => {
    for (const { name, listener } of listeners) process.on(name, listener)
  }
  listen()
  // For a process that another one began to listen to it, as a sweep does its runs, that one's end is a first signal.
  if (process.connected)
    process.once('disconnect', () => {
      if (!controller.signal.aborted) controller.abort('SIGTERM')
    })
  return {
    signal: controller.signal,
    endable: async (work) => {
      // What has come already is heard first.
      await setImmediate()
      // To the first process of a container the system sends no signal that it doesn't listen to.
      if (controller.signal.aborted || process.pid === 1) return work()
      for (const { name, listener } of listeners) process.off(name, listener)
      try {
        return work()
      } finally {
        listen()
      }
    },
  }
}

/** Tells whether SIGUSR1 has come since it was asked last. Windows has no such signal. */
export const savesOnSignal = (onSave: () => void): (() => boolean) => {
  let asked = false
  if (process.platform !== 'win32')
    process.on('SIGUSR1', () => {
      asked = true
      onSave()
    })
  return () => {
    const was = asked
    asked = false
    return was
  }
}
