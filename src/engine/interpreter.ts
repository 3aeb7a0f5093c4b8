/** What runs a program. The loop knows no more than this of how a step is computed. */
import type { Nearest } from '../metric/knn'
import type { Batch } from '../program/batch'

/** The state as host values, by name. */
export type InterpreterState = Readonly<Record<string, Float32Array>>

/** A batch as host values; see `BatchShape` for the shapes. */
export type HostBatch = Batch<Float32Array>

export interface Interpreter {
  /** Whether JavaScript's thread is free for other work while a step computes. */
  readonly concurrent: boolean
  /** Runs one step; gives what it reports. Where the loss or a gradient isn't finite, the state stays as it was. */
  readonly step: (batch: HostBatch, numbers: Readonly<Record<string, number>>) => Promise<Readonly<Record<string, number>>>
  /** The [CLS] features of the global views of the last step, see `Program.step`: [V·B, width]. */
  readonly features: () => Float32Array
  /** Images [B, H, W, C] → tokens [B, 1 + N, width] of the frozen network's backbone, see `Program.frozen`. */
  readonly encode: (
    images: Float32Array,
    shape: readonly [number, number, number, number],
  ) => Promise<{ readonly values: Float32Array; readonly shape: readonly [number, number, number] }>
  /** Finds the rows of a bank [rows, width] that are most similar to queries by their products: the costly part of k-NN. */
  readonly neighbours: (bank: Float32Array, width: number) => { readonly nearest: Nearest; readonly dispose: () => void }
  /** A copy of the state. */
  readonly read: () => Promise<InterpreterState>
  /** Frees what it holds. */
  readonly dispose: () => void
}
