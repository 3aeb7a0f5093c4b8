/** When a run is saved: as its pipeline says, when somebody asks for it, at its end, and before it stops early. */
import type { Interpreter } from '../engine/interpreter'
import type { Span } from '../ops/schedule/kind'
import type { Checkpoint } from '../ops/slots'
import type { Progress } from '../store/progress'
import { orAbort } from './abort'
import type { Reached } from './ending'
import { period } from './period'
import type { Saver } from './saver'

/** What is done where no `checkpoint` stage says otherwise. */
const DEFAULT: Checkpoint = { every: ({ steps }) => Math.ceil(steps / 10), keep: 2, keepEvery: undefined }

export interface Policy {
  /** Whether a checkpoint is due after so many steps. */
  readonly due: (done: number) => boolean
  /** How many of the newest are kept, and which ones besides. */
  readonly keep: number
  readonly forGood: (done: number) => boolean
}

export const policyOf = (checkpoint: Checkpoint | undefined, span: Span): Policy => {
  const { every, keep, keepEvery } = checkpoint ?? DEFAULT
  const [often, forGood] = [period(every(span)), period(keepEvery?.(span))]
  return { due: (done) => often(done) || forGood(done), keep, forGood }
}

export interface Saving {
  /** Saves after so many steps if it is due; the next steps need not wait for the disk. */
  readonly after: (done: number) => Promise<void>
  /** The state is on the disk after that. */
  readonly atOnce: (done: number) => Promise<void>
  /** The same where it was saved already, and more is known of the probes. */
  readonly again: (done: number) => Promise<void>
}

export interface SavingOptions {
  readonly policy: Policy
  readonly saver: Saver
  readonly interpreter: Interpreter
  readonly steps: number
  readonly reached: Reached
  /** Asked after every step: whether to save now, though no checkpoint is due. */
  readonly saveNow: (() => boolean) | undefined
  /** What is remembered of the probes. */
  readonly probes: () => Omit<Progress, 'step'>
}

export const saving = ({ policy, saver, interpreter, steps, reached, saveNow, probes }: SavingOptions): Saving => {
  const begin = async (step: number): Promise<void> => {
    await orAbort(saver.begin(async () => ({ state: await interpreter.read(), progress: { step, ...probes() } })))
    // Where steps take JavaScript's thread, the file would be written between steps only, bit by bit.
    if (!interpreter.concurrent) await orAbort(saver.settled)
  }
  const atOnce = async (done: number): Promise<void> => {
    await orAbort(saver.settled)
    if (reached.saved !== done) await begin(done)
    await orAbort(saver.settled)
  }
  return {
    atOnce,
    again: async (done) => {
      await begin(done)
      await orAbort(saver.settled)
    },
    after: async (done) => {
      if (done === steps) await atOnce(done)
      else if (saveNow?.() === true || policy.due(done)) await begin(done)
    },
  }
}
