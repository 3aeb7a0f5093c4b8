/** What the values of two members come to, chunk by chunk: by WebAssembly, or in the same bits by JavaScript where that is missing. */
import { attempt } from '../../base/attempt'
import type { Reduction } from '../../base/reduction'
import { newKernels } from './load'

export interface Sum {
  /** Where a chunk of others' values is put. */
  readonly others: Uint8Array<ArrayBuffer>
  /** Makes the values what they and as many of the others come to; a sum is divided by a number, which is 1 but for the last sum. */
  readonly take: (values: Float32Array, reduction: Reduction, by: number) => void
}

/** Values are copied to where the kernels work in pieces that stay in a processor's nearest memory. */
const PIECE = 16_384
const FLOAT = 4

/** Sums by the kernels. `chunk` is the largest number of values that are taken at a time. */
export const kernelSum = (chunk: number): Sum => {
  const { run, bytes } = newKernels()
  const start = FLOAT * Math.ceil(chunk / 4) * 4
  const memory = bytes(start + FLOAT * PIECE)
  const piece = new Float32Array(memory.buffer, start, PIECE)
  return {
    others: memory.subarray(0, FLOAT * chunk),
    take: (values, reduction, by) => {
      for (let at = 0; at < values.length; at += PIECE) {
        const part = values.subarray(at, at + PIECE)
        const length = 16 * Math.ceil((FLOAT * part.length) / 16)
        piece.set(part)
        if (reduction === 'max') run.max(start, FLOAT * at, length)
        else if (by === 1) run.add(start, FLOAT * at, length)
        else run.addAndDivide(start, FLOAT * at, length, by)
        part.set(part.length === PIECE ? piece : piece.subarray(0, part.length))
      }
    },
  }
}

/** The same without WebAssembly: a sum of two float32 in float64, rounded, is the sum in float32. */
export const plainSum = (chunk: number): Sum => {
  const others = new Float32Array(chunk)
  return {
    others: new Uint8Array(others.buffer),
    take: (values, reduction, by) => {
      for (let i = 0; i < values.length; i++) {
        const [a, b] = [values[i]!, others[i]!]
        values[i] = reduction === 'max' ? Math.max(a, b) : Math.fround(a + b) / by
      }
    },
  }
}

export const newSum = (chunk: number): Sum => attempt(() => kernelSum(chunk)) ?? plainSum(chunk)
