/** Of which types an operation takes its inputs. */
import { DTYPE, type Dtype, dtypeName } from '../dtype'
import { dtypeAt, type Infer } from './kind'

/** Throws a `RangeError` where an input is of another type. */
export type Taking = (inputs: Parameters<Infer>[0]) => void

const takes = (what: string, allowed: readonly Dtype[]): Taking => {
  const known = new Set(allowed)
  return (inputs) => {
    for (const [i] of inputs.entries()) {
      const dtype = dtypeAt(inputs, i)
      if (!known.has(dtype)) throw new RangeError(`it takes ${what}, and is given ${dtypeName(dtype)}`)
    }
  }
}

const { bool, float32, bfloat16, int32, int64, uint8 } = DTYPE
export const takesNumbers = takes('numbers', [float32, bfloat16, int32, int64, uint8])
export const takesSigned = takes('numbers that may be below 0', [float32, bfloat16, int32, int64])
export const takesFloats = takes('floating-point numbers', [float32, bfloat16])
export const takesTruth = takes('truth values', [bool])
