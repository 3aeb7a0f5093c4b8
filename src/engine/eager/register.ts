/** Where backends of tfjs come from: packages, which register themselves when they are loaded. */
import type { EagerBackend } from './abilities'

const INSTALL = 'Install the project again: npm ci.'

/** What helps where a backend doesn't start. */
export const REMEDIES: Readonly<Record<EagerBackend, string>> = {
  webgpu: 'Compute on another backend: only browsers have WebGPU.',
  wasm: "Use Node 20 or newer, or the slower '--backend cpu'.",
  cpu: INSTALL,
}

/** Loads the package of a backend. */
export const registerBackend = async (backend: EagerBackend): Promise<void> => {
  if (backend === 'webgpu') throw new Error('this is not a browser')
  if (backend === 'wasm') await import('@tensorflow/tfjs-backend-wasm')
  else await import('@tensorflow/tfjs-backend-cpu')
}
