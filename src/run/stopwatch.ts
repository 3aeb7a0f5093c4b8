/** Seconds of training: batches and steps, without probes and checkpoints. */

export interface Stopwatch {
  readonly go: () => void
  readonly pause: () => void
  readonly seconds: () => number
}

export const stopwatch = (): Stopwatch => {
  let total = 0
  let began: number | undefined
  const running = (): number => (began === undefined ? 0 : (performance.now() - began) / 1000)
  return {
    go: () => {
      began ??= performance.now()
    },
    pause: () => {
      total += running()
      began = undefined
    },
    seconds: () => total + running(),
  }
}
