/** What can compute a program, by name: the first is the default where it can be had. */
import type { TensorFlow } from '../tensorflow/capi'

export const BACKENDS = ['tensorflow', 'wasm', 'cpu'] as const
export type Backend = (typeof BACKENDS)[number]
/** The backends of tfjs, on which a program runs op by op. */
export const EAGER_BACKENDS = ['wasm', 'cpu'] as const satisfies readonly Backend[]
export type EagerBackend = (typeof EAGER_BACKENDS)[number]

/** A backend that is ready to compute. */
export type Engine =
  | { readonly backend: 'tensorflow'; readonly tensorflow: TensorFlow; readonly threads?: number }
  | { readonly backend: EagerBackend }
