/** Where the fields of a struct lie in memory, and structs written and read. Pure: addresses are numbers here. */
import { type CType, STRUCTS, type StructName } from './structs'

declare const address: unique symbol
/** An address in native memory; 0n is C's null pointer. */
export type Address = bigint & { readonly [address]: true }
export const NULL = 0n as Address

/** What a C value is in JavaScript. */
type ValueOf<T> = T extends 'pointer' ? Address : T extends 'int64' ? bigint : T extends 'bool' ? boolean : number
type Fields<S extends StructName> = (typeof STRUCTS)[S]
/** The fields of a struct as they are read; those that the plugin's version of the API doesn't know are undefined. */
export type Read<S extends StructName> = {
  readonly [F in keyof Fields<S>]: Fields<S>[F] extends readonly [infer T, number]
    ? ValueOf<T> | undefined
    : ValueOf<Fields<S>[F]>
}
/** Values for some fields of a struct; all others are zero. A pointer may be given as a `P`. */
export type Given<S extends StructName, P = Address> = {
  readonly [F in keyof Fields<S>]?: Fields<S>[F] extends 'pointer' | readonly ['pointer', number]
    ? P
    : ValueOf<Fields<S>[F] extends readonly [infer T, number] ? T : Fields<S>[F]>
}

const BYTES: Readonly<Record<CType, number>> = { pointer: 8, size: 8, int64: 8, int32: 4, bool: 1 }
const ALIGNMENT = 8
/** The struct's size and its extensions, with which each begins. */
const HEAD = 16

export interface Layout {
  /** What the struct says of its size: up to the end of its last field. */
  readonly size: number
  /** Bytes that it takes, of several in a row each. */
  readonly stride: number
  readonly fields: readonly { readonly name: string; readonly type: CType; readonly offset: number }[]
}

const upTo = (offset: number, alignment: number): number => Math.ceil(offset / alignment) * alignment

/** The layout of a struct in the minor version of the API that a plugin speaks. */
export const layoutOf = (struct: StructName, minor: number): Layout => {
  let size = HEAD
  const fields = Object.entries<CType | readonly [CType, number]>(STRUCTS[struct]).flatMap(([name, declared]) => {
    const [type, since] = typeof declared === 'string' ? [declared, 0] : declared
    if (since > minor) return []
    const offset = upTo(size, BYTES[type])
    size = offset + BYTES[type]
    return [{ name, type, offset }]
  })
  return { size, stride: upTo(size, ALIGNMENT), fields }
}

type Values = Readonly<Record<string, bigint | number | boolean | undefined>>

/** Writes values of a struct's fields; whatever isn't given stays as it is. */
export const writeFields = (to: DataView, { fields }: Pick<Layout, 'fields'>, values: Values): void => {
  for (const { name, type, offset } of fields) {
    const value = values[name]
    if (value === undefined) continue
    if (type === 'int32') to.setInt32(offset, Number(value), true)
    else if (type === 'bool') to.setUint8(offset, value ? 1 : 0)
    else if (type === 'int64') to.setBigInt64(offset, BigInt(value), true)
    else to.setBigUint64(offset, BigInt(value), true)
  }
}

/** Writes the size of a struct and values of its fields. */
export const writeStruct = (to: DataView, layout: Layout, values: Values): void => {
  to.setBigUint64(0, BigInt(layout.size), true)
  writeFields(to, layout, values)
}

const valueAt = (from: DataView, type: CType, offset: number): bigint | number | boolean => {
  switch (type) {
    case 'pointer':
      return from.getBigUint64(offset, true)
    case 'size':
      return Number(from.getBigUint64(offset, true))
    case 'int64':
      return from.getBigInt64(offset, true)
    case 'int32':
      return from.getInt32(offset, true)
    case 'bool':
      return from.getUint8(offset) !== 0
  }
}

/** The fields of a struct. */
export const readStruct = <S extends StructName>(from: DataView, { fields }: Layout): Read<S> =>
  Object.fromEntries(fields.map(({ name, type, offset }) => [name, valueAt(from, type, offset)])) as unknown as Read<S>
