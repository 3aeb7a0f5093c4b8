/** XLA as an engine: what can be told of it before a plugin is loaded. */
import type { Abilities } from '../engine'

export const ABILITIES: Abilities<'xla'> = {
  name: 'xla',
  title: 'XLA',
  precisions: ['float32', 'bfloat16'],
  gpuRemedy: "Fetch the plugin for GPUs with 'ibot setup --gpu', look at 'ibot doctor'",
  addressable: undefined,
  compiles: true,
  exchanges: true,
  elsewhere: 'wasm',
}
