/** TensorFlow as an engine: what can be told of it before its library is loaded. */
import type { Abilities } from '../engine'

export const ABILITIES: Abilities<'tensorflow'> = {
  name: 'tensorflow',
  title: 'TensorFlow',
  precisions: ['float32', 'bfloat16'],
  gpuRemedy: "Fetch the library for GPUs with 'ibot setup --gpu', look at 'ibot doctor'",
  addressable: undefined,
  compiles: true,
  elsewhere: 'wasm',
}
