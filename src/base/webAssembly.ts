/** Kernels of assembly/, compiled to WebAssembly and kept as text: each set with a memory of its own, in which they work. */

import { fromBase64 } from './bytes'

const PAGE = 65_536

export interface Machine<Kernels> {
  readonly run: Kernels
  /** All bytes, at least so many of them. They are other ones once more are asked for. */
  readonly bytes: (needed: number) => Uint8Array<ArrayBuffer>
}

/** A memory of its own, and the kernels of a binary (as text, in base64) that work in it. */
export const machineOf = <Kernels>(binary: string): Machine<Kernels> => {
  const memory = new WebAssembly.Memory({ initial: 1 })
  const module = new WebAssembly.Module(fromBase64(binary))
  const { exports } = new WebAssembly.Instance(module, { env: { memory } }) as {
    readonly exports: WebAssembly.Exports & Kernels
  }
  // Its memory isn't shared with threads.
  const all = (): Uint8Array<ArrayBuffer> => new Uint8Array(memory.buffer as ArrayBuffer)
  let bytes = all()
  return {
    run: exports,
    bytes: (needed) => {
      if (needed > bytes.length) {
        memory.grow(Math.ceil((needed - bytes.length) / PAGE))
        bytes = all()
      }
      return bytes
    },
  }
}
