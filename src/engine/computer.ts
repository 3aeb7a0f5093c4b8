/** What computes functions of tensors, again and again: by it networks are measured, looked into and compared. */
import type { Nearest } from '../metric/neighbours'
import type { HostTensors, TensorFunction } from '../nn/tensorFunction'
import { mapped } from '../program/stateNames'

/** A function that is ready to run. */
export interface Prepared {
  /** Its outputs for some inputs, or those of some names only. It is recorded once for each combination of shapes. */
  readonly run: (inputs: HostTensors, wanted?: readonly string[]) => Promise<HostTensors>
  /** Frees what it holds. */
  readonly dispose: () => void
}

export interface PrepareOptions {
  /** In what products of matrices are computed; float32 by default. An interpreter computes as its program does. */
  readonly precision?: 'float32' | 'bfloat16'
  /** Whether it runs so often that kernels made for it are worth the seconds that they take; false by default. */
  readonly often?: boolean
  /**
   * Whether it asks for nothing but what it is given, and may be forgotten when it is disposed of; false by default. Then it computes its products in
   * float32 on an interpreter too, and nothing is left of it.
   */
  readonly alone?: boolean
}

export interface Computer {
  /** A function ready to run. What is `held` stays where it computes; it is an input that need not be given again. */
  readonly prepare: (f: TensorFunction, held?: HostTensors, options?: PrepareOptions) => Prepared
  /** Finds the rows of a chunk of a bank that are most similar to queries by their products, for rows of a width: the costly part of k-NN. */
  readonly neighbours: (width: number) => { readonly nearest: Nearest; readonly dispose: () => void }
}

/** A function's outputs, computed once. */
export const evaluate = async (
  { prepare }: Pick<Computer, 'prepare'>,
  f: TensorFunction,
  inputs: HostTensors,
): Promise<HostTensors> => {
  const prepared = prepare(f)
  try {
    return await prepared.run(inputs)
  } finally {
    prepared.dispose()
  }
}

/** Names and shapes of inputs as a text: what a recorded function is good for. */
export const shapesKey = (inputs: HostTensors): string => JSON.stringify(mapped(inputs, ({ shape }) => shape))
