/** Native memory: addresses of JavaScript's bytes, kept as long as they are needed, and what lies at addresses of others. */
import { koffi } from '../base/foreign'
import { type Address, NULL } from './layout'

/** Bytes of JavaScript's, which don't move. */
export type Bytes = Uint8Array | BigUint64Array | BigInt64Array
/** What a pointer may be given as. */
export type Pointer = Address | Bytes | null

// The bytes that others point to live as long as those that point to them.
const pointees = new WeakMap<Bytes, readonly Bytes[]>()

/** Says that `from` holds the addresses of `to`. */
export const keepWith = (from: Bytes, to: readonly Pointer[]): void => {
  const bytes = to.filter((pointer) => pointer !== null && typeof pointer !== 'bigint')
  if (bytes.length > 0) pointees.set(from, [...(pointees.get(from) ?? []), ...bytes])
}

/** Where bytes are. Whoever asks sees to it that they live long enough. */
export const addressOf = (pointer: Pointer): Address => {
  if (pointer === null) return NULL
  if (typeof pointer === 'bigint') return pointer
  return pointer.byteLength === 0 ? NULL : (koffi.address(pointer) as Address)
}

/** An array of pointers, which keeps what they point to. */
export const pointersTo = (pointers: readonly Pointer[]): BigUint64Array => {
  const table = BigUint64Array.from(pointers, addressOf)
  keepWith(table, pointers)
  return table
}

/** A copy of the bytes at an address. */
export const bytesAt = (address: Address, length: number): Uint8Array<ArrayBuffer> =>
  address === NULL || length === 0 ? new Uint8Array(0) : new Uint8Array(koffi.view(address, length).slice(0))

/** The text in so many bytes at an address. */
export const textAt = (address: Address, length: number): string => Buffer.from(bytesAt(address, length)).toString('utf8')

/** A copy of an array of so many pointers. */
export const pointersAt = (address: Address, count: number): readonly Address[] =>
  Array.from(new BigUint64Array(bytesAt(address, 8 * count).buffer)) as unknown as readonly Address[]

/** A copy of an array of int64. */
export const int64sAt = (address: Address, count: number): readonly bigint[] =>
  Array.from(new BigInt64Array(bytesAt(address, 8 * count).buffer))

/** A copy of an array of int32. */
export const int32sAt = (address: Address, count: number): readonly number[] =>
  Array.from(new Int32Array(bytesAt(address, 4 * count).buffer))
