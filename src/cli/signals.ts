/** Signals: the first Ctrl-C or SIGTERM asks the run to save and stop, the second ends the process at once; SIGUSR1 asks it to save. */

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
