/** TensorFlow as an engine: what can be told of it before its library is loaded. */
import type { Abilities } from '../engine'

export const ABILITIES: Abilities<'tensorflow'> = {
  name: 'tensorflow',
  title: 'TensorFlow',
  precisions: ['float32', 'bfloat16'],
  gpuRemedy: undefined,
  addressable: undefined,
  compiles: true,
  exchanges: true,
  elsewhere: 'wasm',
}
