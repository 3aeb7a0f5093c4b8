import { PIXELS } from './binary'

/** The functions of assembly/pixels.ts, which says what they do. All of them take addresses and sizes in bytes and pixels. */
export interface Kernels {
  readonly resampleRows: Kernel
  readonly resampleColumns: Kernel
  readonly unpack: Kernel
  readonly flip: Kernel
  readonly point: Kernel
  readonly lumaSum: (...of: readonly number[]) => number
  readonly grayscale: Kernel
  readonly saturation: Kernel
  readonly hue: Kernel
  readonly blurRows: Kernel
  readonly blurColumns: Kernel
  readonly normalize: Kernel
}
type Kernel = (...of: readonly number[]) => void

const PAGE = 65_536

export interface Machine {
  readonly run: Kernels
  /** All bytes, at least so many of them. They are other ones once more are asked for. */
  readonly bytes: (needed: number) => Uint8Array
}

/** A memory of its own, and the kernels that work in it. */
export const newMachine = (): Machine => {
  const memory = new WebAssembly.Memory({ initial: 1 })
  const module = new WebAssembly.Module(Buffer.from(PIXELS, 'base64'))
  const { exports } = new WebAssembly.Instance(module, { env: { memory } })
  let bytes = new Uint8Array(memory.buffer)
  return {
    run: exports as unknown as Kernels,
    bytes: (needed) => {
      if (needed > bytes.length) {
        memory.grow(Math.ceil((needed - bytes.length) / PAGE))
        bytes = new Uint8Array(memory.buffer)
      }
      return bytes
    },
  }
}
