/** PJRT_NamedValue: options of a client, attributes of a plugin. */
import { attempt } from '../base/attempt'
import type { Address, Layout } from './layout'
import { readStruct, writeStruct } from './layout'
import { addressOf, bytesAt, int64sAt, keepWith, textAt } from './memory'

/** A value with its type in the C API, which plugins insist on. */
export type NamedValue =
  | { readonly string: string }
  | { readonly int64: number | bigint }
  | { readonly int64s: readonly (number | bigint)[] }
  | { readonly float: number }
  | { readonly bool: boolean }
export type NamedValues = Readonly<Record<string, NamedValue>>

// PJRT_NamedValue_Type.
const STRING = 0
const INT64 = 1
const INT64_LIST = 2
const FLOAT = 3
const BOOL = 4

const floatBits = (value: number): bigint => BigInt(new Uint32Array(new Float32Array([value]).buffer)[0]!)
const floatOf = (bits: bigint): number => new Float32Array(new Uint32Array([Number(bits & 0xffffffffn)]).buffer)[0]!

interface Encoded {
  readonly type: number
  readonly value: bigint
  readonly value_size: number
  /** What `value` is the address of. */
  readonly bytes: Uint8Array | BigInt64Array | undefined
}

const encoded = (named: NamedValue): Encoded => {
  if ('string' in named) {
    const bytes = Buffer.from(named.string)
    return { type: STRING, value: addressOf(bytes), value_size: bytes.length, bytes }
  }
  if ('int64s' in named) {
    const bytes = BigInt64Array.from(named.int64s, BigInt)
    return { type: INT64_LIST, value: addressOf(bytes), value_size: bytes.length, bytes }
  }
  const single = { value_size: 1, bytes: undefined }
  if ('int64' in named) return { ...single, type: INT64, value: BigInt(named.int64) }
  if ('float' in named) return { ...single, type: FLOAT, value: floatBits(named.float) }
  return { ...single, type: BOOL, value: named.bool ? 1n : 0n }
}

/** An array of named values for a call; `layout` is that of one. */
export const writeNamedValues = (values: NamedValues, layout: Layout): Uint8Array => {
  const entries = Object.entries(values)
  const array = Buffer.alloc(layout.stride * entries.length)
  entries.forEach(([key, named], i) => {
    const name = Buffer.from(key)
    const { bytes, ...value } = encoded(named)
    writeStruct(new DataView(array.buffer, array.byteOffset + layout.stride * i, layout.stride), layout, {
      ...value,
      name: addressOf(name),
      name_size: name.length,
    })
    keepWith(array, [name, bytes ?? null])
  })
  return array
}

const decoded = (type: number, value: bigint, size: number): NamedValue | undefined => {
  const pointer = BigInt.asUintN(64, value) as Address
  switch (type) {
    case STRING:
      return { string: textAt(pointer, size) }
    case INT64:
      return { int64: value }
    case INT64_LIST:
      return { int64s: int64sAt(pointer, size) }
    case FLOAT:
      return { float: floatOf(value) }
    case BOOL:
      return { bool: (value & 0xffn) !== 0n }
    default:
      return undefined
  }
}

/** Reads an array of named values. Each says how long it is; those of a type that isn't known are passed over. */
export const readNamedValues = (address: Address, count: number, layout: Layout): NamedValues => {
  const values: Record<string, NamedValue> = {}
  let at = address
  for (let i = 0; i < count; i++) {
    const bytes = bytesAt(at, layout.stride)
    const view = new DataView(bytes.buffer)
    const { name, name_size, type, value, value_size } = readStruct<'NamedValue'>(view, layout)
    const one = attempt(() => decoded(type, value, value_size))
    if (one !== undefined) values[textAt(name, name_size)] = one
    at = (at + BigInt(layout.stride)) as Address
  }
  return values
}
