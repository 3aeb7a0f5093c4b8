/** tfjs's own backends as engines: what can be told of them before they are loaded. */
import type { Abilities } from '../engine'

/** WebGPU is had by browsers alone. */
export type EagerBackend = 'webgpu' | 'wasm' | 'cpu'

const COMMON = { precisions: ['float32'], gpuRemedy: undefined, compiles: false, exchanges: false } as const

export const ABILITIES: { readonly [Name in EagerBackend]: Abilities<Name> } = {
  webgpu: { ...COMMON, name: 'webgpu', title: 'WebGPU', addressable: undefined, elsewhere: 'wasm' },
  // What WebAssembly can address.
  wasm: { ...COMMON, name: 'wasm', title: 'WebAssembly', addressable: 4 * 2 ** 30, elsewhere: 'cpu' },
  cpu: { ...COMMON, name: 'cpu', title: 'plain JavaScript', addressable: undefined, elsewhere: undefined },
}
