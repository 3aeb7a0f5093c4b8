/** Where backends of tfjs come from in a page: files beside it. */
import * as tf from '@tensorflow/tfjs-core'
import type * as original from '../../../../../src/engine/eager/register'
import { beside } from '../../../beside'

interface Gpu {
  readonly requestAdapter: () => Promise<object | null>
}

export const REMEDIES: typeof original.REMEDIES = {
  webgpu: 'Chrome, Edge and Safari have it on most machines; WebAssembly computes in all',
  wasm: 'Use a browser of the last years',
  cpu: 'Use WebAssembly',
}

const checkGpu = async (): Promise<void> => {
  const { gpu } = navigator as { readonly gpu?: Gpu }
  if (gpu === undefined) throw new Error('this browser has no WebGPU here')
  if ((await gpu.requestAdapter()) === null) throw new Error('the browser finds no graphics card for it')
}

export const registerBackend: typeof original.registerBackend = async (backend) => {
  if (backend === 'webgpu') {
    await checkGpu()
    await import('@tensorflow/tfjs-backend-webgpu')
    return
  }
  if (backend !== 'wasm') throw new Error('it is not a part of this page')
  const { setWasmPaths } = await import('@tensorflow/tfjs-backend-wasm')
  // tfjs refuses to be told again.
  if ('wasm' in tf.engine().registry) return
  // Threads need a page that is isolated from others, which few servers make.
  tf.env().set('WASM_HAS_MULTITHREAD_SUPPORT', false)
  setWasmPaths(beside(''))
}
