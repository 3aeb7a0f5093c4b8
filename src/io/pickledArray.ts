/** Arrays of NumPy in pickles of any protocol, as plain bytes; and whole numbers in whatever way they may be pickled. */
import { integersOf, isInteger } from './npyHeader'
import { Instance, type Value } from './pickle'

/** All that a pickle needs to name for them, by the modules of NumPy 1 and 2. */
export const ARRAY_NAMES: ReadonlySet<string> = new Set([
  ...['numpy.core', 'numpy._core'].flatMap((core) => [
    `${core}.multiarray._reconstruct`,
    `${core}.multiarray.scalar`,
    `${core}.numeric._frombuffer`,
  ]),
  'numpy.ndarray',
  'numpy.dtype',
  // How protocols before 3 write bytes, and 5 those that can be changed.
  '_codecs.encode',
  '__builtin__.bytearray',
  'builtins.bytearray',
])

export interface PickledArray {
  /** As NumPy writes types: `|u1`, `<i8`. */
  readonly type: string
  readonly shape: readonly number[]
  /** Whether the first axis is the innermost. */
  readonly fortran: boolean
  readonly bytes: Uint8Array
}

const isTuple = (value: Value | undefined): value is readonly Value[] => Array.isArray(value)

/** Bytes as Python 2 or 3 pickles them; protocols before 3 encode a text as Latin-1. */
const bytesOf = (value: Value | undefined): Uint8Array | undefined => {
  if (value instanceof Uint8Array) return value
  if (typeof value === 'string') return Buffer.from(value, 'latin1')
  const encoded = value instanceof Instance && (value.type === '_codecs.encode' || value.type.endsWith('.bytearray'))
  return encoded ? bytesOf(value.args[0]) : undefined
}

const typeOf = (value: Value | undefined): string | undefined => {
  if (!(value instanceof Instance) || value.type !== 'numpy.dtype') return undefined
  const [name] = value.args
  const order = isTuple(value.state) ? value.state[1] : '|'
  return typeof name === 'string' && typeof order === 'string' ? `${order}${name}` : undefined
}

const sizesOf = (value: Value | undefined): readonly number[] | undefined =>
  isTuple(value) && value.every((size) => Number.isSafeInteger(size) && Number(size) >= 0)
    ? (value as readonly number[])
    : undefined

/** The array that a value describes; undefined where it is something else. */
export const arrayOf = (value: Value | undefined): PickledArray | undefined => {
  if (!(value instanceof Instance)) return undefined
  const fromBuffer = value.type.endsWith('._frombuffer')
  if (!fromBuffer && !(value.type.endsWith('._reconstruct') && isTuple(value.state))) return undefined
  const state = value.state as readonly Value[]
  const [elements, dtype, sizes, order] = fromBuffer ? value.args : [state[4], state[2], state[1], state[3] === true ? 'F' : 'C']
  const [bytes, type, shape] = [bytesOf(elements), typeOf(dtype), sizesOf(sizes)]
  return bytes && type !== undefined && shape ? { bytes, type, shape, fortran: order === 'F' } : undefined
}

/** A whole number of Python or of NumPy. */
const integerOf = (value: Value): number | undefined => {
  if (typeof value === 'number') return Number.isInteger(value) ? value : undefined
  if (!(value instanceof Instance) || !value.type.endsWith('.scalar')) return undefined
  const [type, bytes] = [typeOf(value.args[0]), bytesOf(value.args[1])]
  const size = Number(type?.slice(2))
  return type !== undefined && isInteger({ type }) && bytes?.length === size ? integersOf({ type }, bytes)[0] : undefined
}

/** The numbers of a list, a tuple, or an array of one axis. */
export const integersIn = (value: Value | undefined): readonly number[] | undefined => {
  const array = arrayOf(value)
  if (array !== undefined) {
    const { type, shape, bytes } = array
    const count = shape.reduce((product, size) => product * size, 1)
    const fits = isInteger(array) && shape[0] === count && bytes.length === count * Number(type.slice(2))
    return fits ? integersOf(array, bytes) : undefined
  }
  // Arrays of objects keep them in a list.
  const state = value instanceof Instance && isTuple(value.state) ? value.state[4] : value
  if (!isTuple(state)) return undefined
  const numbers = state.map(integerOf)
  return numbers.every((number) => number !== undefined) ? numbers : undefined
}
