/** Ctrl-C and SIGTERM: the first asks the run to save and stop, the second ends the process at once. */

const CODES = { SIGINT: 130, SIGTERM: 143 } as const
export type StopSignal = keyof typeof CODES

/** A signal that is aborted, with the name of the process signal as its reason, when the process is asked to stop. */
export const untilStopped = (onStop: (name: StopSignal) => void): AbortSignal => {
  const controller = new AbortController()
  for (const name of Object.keys(CODES) as StopSignal[])
    process.on(name, () => {
      if (controller.signal.aborted) process.exit(CODES[name])
      controller.abort(name)
      onStop(name)
    })
  return controller.signal
}
