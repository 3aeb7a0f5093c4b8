/** What the kit tries: each thing under a time limit of its own, all under one; a line is told as soon as it is known. */
import { ProgramFailed, ProgramMissing } from '../programs/child'

/** What is told of a try: plain data. */
export type Line = Readonly<Record<string, unknown>>

export interface Context {
  /** A small model and few steps: to see that all of it runs. */
  readonly small: boolean
  /** Pictures a step of the timings, where somebody says how many. */
  readonly pictures: number | undefined
  /** The kit. */
  readonly kit: string
  /** Where files may be written; removed afterwards. */
  readonly folder: string
  /** What the official code computes on. */
  readonly device: 'cpu' | 'cuda'
  /** Ends when the try's time is over. */
  readonly signal: AbortSignal
}

export interface Try {
  readonly name: string
  readonly doc: string
  /** Seconds after which it is cut off. */
  readonly limit: number
  readonly run: (context: Context, tell: (line: Line) => void) => Promise<void>
}

/** With less time than this nothing new is begun. */
const LEAST = 5

const failure = (error: unknown, signal: AbortSignal, limit: number): Line => {
  if (signal.aborted) return { failed: `it was not done after ${Math.round(limit)} s` }
  if (error instanceof ProgramMissing) return { notRun: error.message }
  if (error instanceof ProgramFailed) return { failed: error.message }
  return { failed: error instanceof Error ? (error.stack ?? error.message) : String(error) }
}

/** Rejects when the signal ends, whatever a program does that should have been killed. */
const whenOver = (signal: AbortSignal): Promise<never> =>
  new Promise((_, reject) => {
    signal.addEventListener('abort', () => reject(new Error('time is over')), { once: true })
  })

/** Does everything in turn, whatever becomes of it; says whether nothing failed. `seconds` is what there is for all. */
export const inTurn = async (
  tries: readonly Try[],
  context: Omit<Context, 'signal'>,
  seconds: number,
  print: (line: Line) => void,
): Promise<boolean> => {
  const began = performance.now()
  const passed = (): number => (performance.now() - began) / 1000
  let sound = true
  for (const { name, limit, run } of tries) {
    const tell = (line: Line): void => {
      sound = sound && !('failed' in line) && line.ok !== false
      print({ try: name, after: Number(passed().toFixed(1)), ...line })
    }
    const within = Math.min(limit, seconds - passed())
    if (within < LEAST) {
      tell({ notRun: 'no time is left' })
      continue
    }
    const signal = AbortSignal.timeout(Math.floor(within * 1000))
    const over = whenOver(signal)
    over.catch(() => undefined)
    try {
      await Promise.race([run({ ...context, signal }, tell), over])
    } catch (error) {
      tell(failure(error, signal, within))
    }
  }
  return sound
}
