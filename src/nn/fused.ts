/**
 * Elementwise code that may run as one kernel. What it computes is the same whether a backend fuses it or runs it op by
 * op; a backend that compiles saves the passes over memory between the ops.
 */
import * as tf from '@tensorflow/tfjs-core'

export type Named = Readonly<Record<string, tf.Tensor>>

/** A backend of tfjs that can compile code into one kernel. */
export interface Fusing {
  /** Undefined where it would rather not: shapes that vary, or nothing to win. */
  readonly fuse: <I extends Named, O extends Named>(
    name: string,
    f: (inputs: I) => O,
    inputs: I,
    factors: readonly string[],
  ) => O | undefined
}

/**
 * Runs `f` as one kernel where the backend can. The name stands for the code: the same name for the same shapes is the same
 * kernel. So `f` must use no tensor but its inputs, and nothing else that its name doesn't tell. No gradient goes through it.
 * `factors` names the outputs that go into products of matrices and nowhere else: in bfloat16 they may be rounded at once.
 */
export const fused = <I extends Named, O extends Named>(
  name: string,
  f: (inputs: I) => O,
  inputs: I,
  { factors = [] }: { readonly factors?: readonly (keyof O & string)[] } = {},
): O => {
  const backend = tf.backend() as Partial<Fusing>
  return backend.fuse?.(name, f, inputs, factors) ?? f(inputs)
}
