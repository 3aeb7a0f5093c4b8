/** Types of numbers that a graph may hold, under TensorFlow's codes (types.proto), by which tfjs knows them. */
export const DTYPE = {
  float32: 1,
  uint8: 4,
  int32: 3,
  string: 7,
  complex64: 8,
  int64: 9,
  bool: 10,
  bfloat16: 14,
  resource: 20,
} as const
export type Dtype = (typeof DTYPE)[keyof typeof DTYPE]

/** Bytes of one value. */
export const bytesOf = (dtype: Dtype): number => {
  switch (dtype) {
    case DTYPE.uint8:
    case DTYPE.bool:
      return 1
    case DTYPE.bfloat16:
      return 2
    case DTYPE.int64:
    case DTYPE.complex64:
      return 8
    default:
      return 4
  }
}

const names: ReadonlyMap<number, string> = new Map(Object.entries(DTYPE).map(([name, code]) => [code, name]))

/** The name of a data type, for people. */
export const dtypeName = (code: number): string => names.get(code) ?? `type ${code}`
