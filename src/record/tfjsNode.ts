/**
 * tfjs-node's backend and kernels. This file alone loads them. The compiled file has them inside (bin/bundle.js), so that the
 * package doesn't depend on @tensorflow/tfjs-node-gpu, whose install script downloads an add-on that isn't used.
 */
import util from 'node:util'
import type { KernelBackend } from '@tensorflow/tfjs-core'

/** Makes tfjs-node's backend over something that adds operations in the place of its add-on. */
export type NewNodeBackend<Binding> = new (binding: Binding, name: string) => KernelBackend

/**
 * Two functions that tfjs-node asks Node.js for, which newer versions warn of (22) or no longer have (23: `isNullOrUndefined`).
 * They are these functions without the warning.
 */
const OLD = {
  isArray: Array.isArray,
  isNullOrUndefined: (value: unknown): boolean => value === null || value === undefined,
}

/** Registers tfjs-node's kernels and gives its backend. Loads 150 files. */
export const loadNodeBackend = <Binding>(): NewNodeBackend<Binding> => {
  Object.assign(util, OLD)
  // Not the package's main file, which wants the add-on.
  require('@tensorflow/tfjs-node-gpu/dist/register_all_kernels.js')
  return require('@tensorflow/tfjs-node-gpu/dist/nodejs_kernel_backend.js').NodeJSKernelBackend
}
