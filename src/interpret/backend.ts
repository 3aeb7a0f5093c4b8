/** What can compute a program, by name: the first is the default where it can be had. */
import type { TensorFlow } from '../tensorflow/capi'

export const BACKENDS = ['tensorflow', 'wasm', 'cpu'] as const
export type Backend = (typeof BACKENDS)[number]
/** The backends of tfjs, on which a program runs op by op. */
export type EagerBackend = Exclude<Backend, 'tensorflow'>

/** A backend that is ready to compute. */
export type Engine =
  | { readonly backend: 'tensorflow'; readonly tensorflow: TensorFlow; readonly threads?: number }
  | { readonly backend: EagerBackend }
