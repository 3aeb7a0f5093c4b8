/** Plain values in a checkpoint: dicts by their names, numbers, texts and lists of them. */
import { Instance, type Value } from '../pickle'

/** A value that isn't a tensor: as JSON. */
export type Plain = null | boolean | number | string | readonly Plain[] | { readonly [name: string]: Plain }

/** The entries of a dict, an OrderedDict or a Namespace; undefined for anything else. */
export const entriesOf = (value: Value | undefined): ReadonlyMap<Value, Value> | undefined => {
  if (value instanceof Map) return value
  if (!(value instanceof Instance)) return undefined
  if (value.type === 'argparse.Namespace') return entriesOf(value.state)
  if (value.type !== 'collections.OrderedDict') return undefined
  // Protocols 0 and 1 write it as made from a list of pairs.
  const [pairs] = value.args
  const given = Array.isArray(pairs) ? (pairs as readonly (readonly [Value, Value])[]).filter(Array.isArray) : []
  return given.length > 0 ? new Map([...given, ...value.entries]) : value.entries
}

/** The entries of a dict whose keys are texts. */
export const namedEntries = (value: Value | undefined): ReadonlyMap<string, Value> | undefined => {
  const entries = entriesOf(value)
  return entries !== undefined && [...entries.keys()].every((key) => typeof key === 'string')
    ? (entries as ReadonlyMap<string, Value>)
    : undefined
}

/** Bytes, which protocols before 3 write as a text to be encoded. */
const bytesOf = (value: Value | undefined): Uint8Array | undefined => {
  if (value instanceof Uint8Array) return value
  if (typeof value === 'string') return Buffer.from(value, 'latin1')
  if (value instanceof Instance && value.type === '_codecs.encode' && typeof value.args[0] === 'string')
    return Buffer.from(value.args[0], 'latin1')
  return undefined
}

const READERS: Readonly<Record<string, readonly [bytes: number, read: (view: DataView) => number | bigint | boolean]>> = {
  f8: [8, (view) => view.getFloat64(0, true)],
  f4: [4, (view) => view.getFloat32(0, true)],
  i8: [8, (view) => view.getBigInt64(0, true)],
  i4: [4, (view) => view.getInt32(0, true)],
  i2: [2, (view) => view.getInt16(0, true)],
  i1: [1, (view) => view.getInt8(0)],
  u8: [8, (view) => view.getBigUint64(0, true)],
  u4: [4, (view) => view.getUint32(0, true)],
  u2: [2, (view) => view.getUint16(0, true)],
  u1: [1, (view) => view.getUint8(0)],
  b1: [1, (view) => view.getUint8(0) !== 0],
}

/** A number of numpy, little-endian. */
const numpyScalar = ({ args }: Instance): number | bigint | boolean | undefined => {
  const [dtype, stored] = args
  if (!(dtype instanceof Instance) || dtype.type !== 'numpy.dtype') return undefined
  const order = Array.isArray(dtype.state) ? (dtype.state as readonly Value[])[1] : '<'
  const [size, read] = READERS[String(dtype.args[0])] ?? [0, () => Number.NaN]
  const bytes = bytesOf(stored)
  if (size === 0 || order === '>' || bytes?.length !== size) return undefined
  return read(new DataView(bytes.buffer, bytes.byteOffset, size))
}

/** The value as JSON would say it; undefined for tensors and whatever else isn't plain. */
export const plainOf = (value: Value): Plain | undefined => {
  if (value === null || typeof value === 'boolean' || typeof value === 'number' || typeof value === 'string') return value
  if (typeof value === 'bigint') return Number(value)
  if (Array.isArray(value)) {
    const items = (value as readonly Value[]).map(plainOf)
    return items.includes(undefined) ? undefined : (items as readonly Plain[])
  }
  if (value instanceof Instance && value.type.endsWith('.multiarray.scalar')) {
    const number = numpyScalar(value)
    return typeof number === 'bigint' ? Number(number) : number
  }
  const entries = namedEntries(value)
  if (entries === undefined) return undefined
  const named = [...entries].map(([name, one]) => [name, plainOf(one)] as const)
  return named.some(([, one]) => one === undefined)
    ? undefined
    : (Object.fromEntries(named) as { readonly [name: string]: Plain })
}
