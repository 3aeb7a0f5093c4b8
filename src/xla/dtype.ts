/** Data types of buffers, and arrays of JavaScript's with their values. */
import { XlaError } from './error'

/** PJRT_Buffer_Type of each, and an array that holds its values. Those of bfloat16 and float16 are bits, those of bool 0 or 1. */
const TYPES = {
  bool: { code: 1, array: Uint8Array },
  int8: { code: 2, array: Int8Array },
  int32: { code: 4, array: Int32Array },
  int64: { code: 5, array: BigInt64Array },
  uint8: { code: 6, array: Uint8Array },
  uint16: { code: 7, array: Uint16Array },
  uint32: { code: 8, array: Uint32Array },
  uint64: { code: 9, array: BigUint64Array },
  float16: { code: 10, array: Uint16Array },
  float32: { code: 11, array: Float32Array },
  float64: { code: 12, array: Float64Array },
  bfloat16: { code: 13, array: Uint16Array },
} as const

export type XlaDtype = keyof typeof TYPES
/** Values of a data type. */
export type ValuesOf<D extends XlaDtype = XlaDtype> = InstanceType<(typeof TYPES)[D]['array']>

export const codeOf = (dtype: XlaDtype): number => TYPES[dtype].code
/** Bytes of one value. */
export const bytesOf = (dtype: XlaDtype): number => TYPES[dtype].array.BYTES_PER_ELEMENT

const names = new Map(Object.entries(TYPES).map(([name, { code }]) => [code as number, name as XlaDtype]))

/** The data type of a number of the C API's. Throws where it is none of these. */
export const dtypeOf = (code: number): XlaDtype => {
  const name = names.get(code)
  if (name === undefined) throw new XlaError('unimplemented', `values of PJRT's type ${code} can't be read`)
  return name
}

/** Whether an array holds values of a data type. */
export const holds = (dtype: XlaDtype, values: ArrayBufferView): boolean => values instanceof TYPES[dtype].array

/** An array of so many zeros. */
export const zeros = <D extends XlaDtype>(dtype: D, length: number): ValuesOf<D> => new TYPES[dtype].array(length) as ValuesOf<D>
