/** Whether a backend of tfjs would compute here. */
import { createRequire } from 'node:module'
import { join } from 'node:path'
import type { Examined } from '../engine'
import type { EagerBackend } from './abilities'

export const examine = (backend: EagerBackend): Examined => {
  const name = `@tensorflow/tfjs-backend-${backend}`
  try {
    createRequire(join(__dirname, 'examine.js')).resolve(name)
  } catch {
    return { verdict: 'lacking', why: `${name} isn't installed`, complaints: [] }
  }
  return backend === 'wasm' && !('WebAssembly' in globalThis)
    ? { verdict: 'lacking', why: 'this Node.js has no WebAssembly', complaints: [] }
    : { verdict: 'computes', why: 'it is installed', complaints: [] }
}
