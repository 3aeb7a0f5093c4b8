/** TensorFlow as an engine: what can be told of it before its library is loaded. */
import type { Abilities } from '../engine'

export const ABILITIES: Abilities<'tensorflow'> = {
  name: 'tensorflow',
  title: 'TensorFlow',
  precisions: ['float32', 'bfloat16'],
<<<<<<< HEAD:src/engine/tensorflow/abilities.ts
  gpuRemedy: undefined,
=======
  gpuRemedy: "Fetch what GPUs need with 'ibot setup --gpu', look at 'ibot doctor'",
>>>>>>> xla-plugin:src/engine/graph/abilities.ts
  addressable: undefined,
  compiles: true,
  elsewhere: 'wasm',
}
