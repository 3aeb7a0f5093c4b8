/** What runs a program. The loop knows no more than this of how a step is computed. */
import type { Batch } from '../program/batch'
import type { Computer } from './computer'

/** The state as host values, by name. */
export type InterpreterState = Readonly<Record<string, Float32Array>>

/** A batch as host values; see `BatchShape` for the shapes. */
export type HostBatch = Batch<Float32Array>

/** Gives the other shares of a batch by their numbers, from 1. */
export type Shares = (index: number) => Promise<HostBatch>

/** Where a batch isn't divided, nobody asks. */
export const noOthers: Shares = (index) => Promise.reject(new RangeError(`the batch has no share ${index}`))

/** Functions that it prepares may ask for the tensors of the state, as they are when the function runs, by their names. */
export interface Interpreter extends Computer {
  /** Whether JavaScript's thread is free for other work while a step computes. */
  readonly concurrent: boolean
  /**
   * Runs one step; gives what it reports. Where the loss or a gradient isn't finite, the state stays as it was. Where the batch is
   * divided, the first of this process's shares is given and the others are asked for, those of a step of several rounds anew in
   * each round.
   */
  readonly step: (
    first: HostBatch,
    numbers: Readonly<Record<string, number>>,
    others?: Shares,
  ) => Promise<Readonly<Record<string, number>>>
  /** How many rounds over its shares a step takes; one where the batch isn't divided. */
  readonly rounds: number
  /** The [CLS] features of the global views of the last step, see `Program.step`: [V·B, width], share by share. */
  readonly features: () => Float32Array
  /** A copy of the state. */
  readonly read: () => Promise<InterpreterState>
  /** Frees what it holds. */
  readonly dispose: () => void
}
