/**
 * The safetensors format: named arrays in one file, without code in it.
 *
 * Layout: the header's length in bytes (unsigned, 64 bits, little-endian), the header (JSON, padded with spaces), then
 * the arrays' bytes one after another without a gap (little-endian, rows first). Everything here takes the machine to be
 * little-endian too, as all that Node's releases run on but one (s390x) are.
 */
import * as E from 'fp-ts/Either'
import { pipe } from 'fp-ts/function'
import { joined } from '../base/bytes'
import { elements } from '../base/shape'
import { byCodePoint } from './codePoints'
import { ARRAYS, DTYPES, type Dtype, type Entry, elementBytes, isDtype, toEntry } from './dtype'
import { entriesOfObject, NotFlat } from './flatJson'

export type { Dtype, Entry } from './dtype'

export interface Safetensors {
  /** By name, in the order of their bytes in the file. */
  readonly tensors: ReadonlyMap<string, Entry>
  readonly metadata: Readonly<Record<string, string>>
}

/** What the header says of one array. `begin` and `end` count bytes from the end of the header. */
export interface Declared {
  readonly name: string
  readonly dtype: Dtype | 'F16' | 'BF16'
  readonly shape: readonly number[]
  readonly begin: number
  readonly end: number
}

const HEADER_LIMIT = 100_000_000

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
const isSize = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0
const isSizes = (value: unknown): value is number[] => Array.isArray(value) && value.every(isSize)

/** Bytes before the header: they hold its length. */
export const PREFIX = 8

/** The length of the header of a file of `size` bytes that begins with these. */
export const headerLength = (bytes: Uint8Array, size: number): E.Either<string, number> => {
  if (bytes.length < PREFIX)
    return E.left(`the file ends after ${bytes.length} bytes, before the 8 bytes that hold the header's length`)
  const length = new DataView(bytes.buffer, bytes.byteOffset, PREFIX).getBigUint64(0, true)
  if (length > HEADER_LIMIT) return E.left(`the header's length is given as ${length} bytes, more than the 100,000,000 allowed`)
  return PREFIX + Number(length) > size
    ? E.left(`the header's length is given as ${length} bytes, but only ${size - PREFIX} follow: the file is cut off`)
    : E.right(Number(length))
}

/** No network has more; each takes some hundred bytes of memory. */
const MOST_TENSORS = 500_000

/** A description of a tensor is short; metadata may be long, but aren't made of very many texts. */
const LONGEST_DESCRIPTION = 65_536
const MOST_METADATA = 100_000

const metadataOf = (text: string): unknown => {
  if (text[0] !== '{') return undefined
  const metadata: [string, unknown][] = []
  for (const [key, value] of entriesOfObject(text)) {
    if (metadata.length > MOST_METADATA) throw new NotFlat(`it has more than ${MOST_METADATA.toLocaleString('en-US')} metadata`)
    metadata.push([key, value[0] === '"' ? JSON.parse(value) : undefined])
  }
  return Object.fromEntries(metadata)
}

const valueOfEntry = (name: string, text: string): unknown => {
  if (name === '__metadata__') return metadataOf(text) ?? []
  if (text.length > LONGEST_DESCRIPTION) throw new NotFlat(`${JSON.stringify(name.slice(0, 100))} has ${text.length} letters`)
  return JSON.parse(text)
}

/** What the header says, by names: a JSON text that begins with { is an object. A name given twice has what comes last. */
const parseHeader = (text: Uint8Array): E.Either<string, ReadonlyMap<string, unknown>> => {
  if (text[0] !== 0x7b) return E.left('the header does not begin with {: this is not a safetensors file')
  try {
    const header = new Map<string, unknown>()
    for (const [name, value] of entriesOfObject(new TextDecoder('utf-8', { fatal: true }).decode(text))) {
      if (header.size > MOST_TENSORS) return E.left(`the header names more than ${MOST_TENSORS.toLocaleString('en-US')} tensors`)
      header.set(name, valueOfEntry(name, value))
    }
    return E.right(header)
  } catch (error) {
    return E.left(`the header is not JSON: ${(error as Error).message}`)
  }
}

const parseMetadata = (value: unknown): E.Either<string, Readonly<Record<string, string>>> => {
  if (value === undefined) return E.right({})
  if (!isObject(value)) return E.left('__metadata__ is not an object of strings')
  const wrong = Object.keys(value).find((key) => typeof value[key] !== 'string')
  return wrong === undefined
    ? E.right(value as Record<string, string>)
    : E.left(`__metadata__ has a value that is not a string: ${JSON.stringify(wrong)}`)
}

const parseDeclared = ([name, value]: readonly [string, unknown]): E.Either<string, Declared> => {
  const tensor = `tensor ${JSON.stringify(name)}`
  if (!isObject(value)) return E.left(`${tensor} is not described by an object with dtype, shape and data_offsets`)
  const { dtype, shape, data_offsets: offsets } = value
  if (!isDtype(dtype) && dtype !== 'F16' && dtype !== 'BF16')
    return E.left(`${tensor} has the unknown dtype ${JSON.stringify(dtype)}; known are ${[...DTYPES, 'F16', 'BF16'].join(', ')}`)
  if (!isSizes(shape)) return E.left(`${tensor} has the shape ${JSON.stringify(shape)}, which is not a list of sizes`)
  if (!isSizes(offsets) || offsets.length !== 2 || offsets[0]! > offsets[1]!)
    return E.left(`${tensor} has the data_offsets ${JSON.stringify(offsets)}, which are not [begin, end] with begin ≤ end`)
  const [begin, end] = offsets as [number, number]
  const needed = elements(shape) * elementBytes(dtype)
  return end - begin === needed
    ? E.right({ name, dtype, shape, begin, end })
    : E.left(`${tensor} is ${dtype} [${shape.join(', ')}], which takes ${needed} bytes, but its data_offsets hold ${end - begin}`)
}

/** Checks that the arrays, sorted by their place, cover the bytes exactly: none twice, none not at all. */
const checkCover = (sorted: readonly Declared[], length: number): E.Either<string, readonly Declared[]> => {
  let reached = 0
  let before = ''
  for (const { name, begin, end } of sorted) {
    const tensor = JSON.stringify(name)
    if (begin < reached)
      return E.left(`tensors ${before} and ${tensor} overlap: the first ends at byte ${reached}, the second begins at ${begin}`)
    if (begin > reached) return E.left(`no tensor holds the bytes ${reached} to ${begin}: there is a hole before ${tensor}`)
    if (end > length)
      return E.left(`tensor ${tensor} ends at byte ${end} of the data, but there are only ${length}: the file is cut off`)
    reached = end
    before = tensor
  }
  return reached === length
    ? E.right(sorted)
    : E.left(`the tensors take ${reached} bytes, but ${length} follow the header: ${length - reached} belong to none`)
}

/** What the header of a file says: its arrays in the order of their bytes, which take `length` in all. */
export const parseLayout = (
  text: Uint8Array,
  length: number,
): E.Either<string, { readonly arrays: readonly Declared[]; readonly metadata: Safetensors['metadata'] }> =>
  pipe(
    E.Do,
    E.bind('header', () => parseHeader(text)),
    E.bind('metadata', ({ header }) => parseMetadata(header.get('__metadata__'))),
    E.bind('declared', ({ header }) => E.traverseArray(parseDeclared)([...header].filter(([name]) => name !== '__metadata__'))),
    E.bind('arrays', ({ declared }) =>
      checkCover(
        [...declared].sort((a, b) => a.begin - b.begin || a.end - b.end),
        length,
      ),
    ),
  )

/**
 * Reads a safetensors file. Arrays may share memory with `bytes`. F16 and BF16 come widened to F32. Anything that the
 * format forbids gives a sentence that says what is wrong (to be put behind the name of the file).
 */
export const parse = (bytes: Uint8Array): E.Either<string, Safetensors> =>
  pipe(
    E.Do,
    E.bind('length', () => headerLength(bytes, bytes.length)),
    E.let('body', ({ length }) => bytes.subarray(PREFIX + length)),
    E.bind('layout', ({ length, body }) => parseLayout(bytes.subarray(PREFIX, PREFIX + length), body.length)),
    E.map(({ body, layout: { arrays, metadata } }) => ({
      tensors: new Map(
        arrays.map(({ name, dtype, shape, begin, end }) => [name, toEntry(dtype, shape, body.subarray(begin, end))]),
      ),
      metadata,
    })),
  )

/**
 * The bytes of a safetensors file in parts, the header first and then the arrays (not copied): widest elements first and
 * then by name, as the reference implementation writes them, so that every array is aligned; the same arrays give the
 * same bytes. An entry whose data don't fit its shape, a name given twice or the name `__metadata__` is a mistake of the
 * caller and throws.
 */
export const parts = (
  tensors: Iterable<readonly [string, Entry]>,
  metadata: Readonly<Record<string, string>> = {},
): readonly [header: Uint8Array, ...arrays: Uint8Array[]] => {
  const sorted = [...tensors].sort(([a, x], [b, y]) => DTYPES.indexOf(x.dtype) - DTYPES.indexOf(y.dtype) || byCodePoint(a, b))
  if (new Set(sorted.map(([name]) => name)).add('__metadata__').size <= sorted.length)
    throw new RangeError('safetensors: two tensors have one name, or one is called __metadata__')
  const fields: string[] = []
  const keys = Object.keys(metadata).sort(byCodePoint)
  if (keys.length > 0)
    fields.push(`"__metadata__":{${keys.map((key) => `${JSON.stringify(key)}:${JSON.stringify(metadata[key])}`)}}`)
  let end = 0
  for (const [name, { dtype, shape, data }] of sorted) {
    if (elements(shape) !== data.length || !(data instanceof ARRAYS[dtype]))
      throw new RangeError(
        `safetensors: ${name} is ${dtype} [${shape.join(', ')}], but its data are ${data.length} elements of ${data.constructor.name}`,
      )
    const begin = end
    end += data.byteLength
    fields.push(`${JSON.stringify(name)}:${JSON.stringify({ dtype, shape, data_offsets: [begin, end] })}`)
  }
  // Texts with a lone surrogate are escaped by JSON.stringify, so the header is always valid UTF-8.
  const header = new TextEncoder().encode(`{${fields.join(',')}}`)
  const padded = Math.ceil(header.length / 8) * 8
  const first = new Uint8Array(PREFIX + padded).fill(0x20, PREFIX)
  new DataView(first.buffer).setBigUint64(0, BigInt(padded), true)
  first.set(header, PREFIX)
  return [first, ...sorted.map(([, { data }]) => new Uint8Array(data.buffer, data.byteOffset, data.byteLength))]
}

/** The bytes of a safetensors file, as `parts` gives them, in one piece. */
export const serialize = (
  tensors: Iterable<readonly [string, Entry]>,
  metadata: Readonly<Record<string, string>> = {},
): Uint8Array => joined(parts(tensors, metadata))
