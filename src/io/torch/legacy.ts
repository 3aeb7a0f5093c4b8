/** The format of PyTorch before 1.6: five pickles (a magic number, a version, the system, the value, the storages' names), then the storages. */
import type { FileHandle } from 'node:fs/promises'
import * as E from 'fp-ts/Either'
import { elementBytes } from '../dtype'
import { type Pickle, readPickle, type Value } from '../pickle'
import { ALLOWED } from './allowed'
import { type Layout, PICKLE_LIMIT, type Place, readBytes, storagesIn } from './layout'
import type { Storage } from './tensor'

const MAGIC = 0x1950a86a20f9469cfc6cn
const VERSION = 1001

/** Pickles that follow one another: the first five values and where they end. */
const readPickles = (bytes: Uint8Array): E.Either<string, { readonly values: readonly Value[]; readonly end: number }> => {
  const values: Value[] = []
  let end = 0
  for (const what of ['magic number', 'version', 'system', 'value', 'storages']) {
    const pickle: E.Either<string, Pickle> = readPickle(bytes.subarray(end), { allowed: ALLOWED })
    if (E.isLeft(pickle)) return E.left(`its pickle of the ${what} can't be read: ${pickle.left}`)
    if (what === 'magic number' && pickle.right.value !== MAGIC)
      return E.left('it is a pickle, but not by PyTorch: its magic number is missing')
    values.push(pickle.right.value)
    end += pickle.right.length
  }
  return E.right({ values, end })
}

/** The number of elements that stands before each storage. */
const LENGTH_BYTES = 8

/** Where the storages lie, which follow in the order of their names. */
const placesOf = async (
  file: FileHandle,
  size: number,
  begin: number,
  keys: readonly Value[],
  mentioned: ReadonlyMap<string, Storage>,
): Promise<E.Either<string, ReadonlyMap<string, Place>>> => {
  const places = new Map<string, Place>()
  let at = begin
  for (const key of keys) {
    const storage = typeof key === 'string' ? mentioned.get(key) : undefined
    if (storage === undefined || places.has(storage.key)) return E.left('the list of its storages is not that of its tensors')
    const head = await readBytes(file, at, LENGTH_BYTES)
    const length = head.length < LENGTH_BYTES ? undefined : new DataView(head.buffer, head.byteOffset).getBigInt64(0, true)
    const bytes = storage.length * elementBytes(storage.dtype)
    if (length !== undefined && length !== BigInt(storage.length))
      return E.left(`storage ${storage.key} has ${length} elements, not the ${storage.length} of its tensors`)
    if (length === undefined || at + LENGTH_BYTES + bytes > size)
      return E.left(`storage ${storage.key} reaches beyond its end: it is cut off`)
    places.set(storage.key, { begin: at + LENGTH_BYTES, length: bytes })
    at += LENGTH_BYTES + bytes
  }
  const lacking = [...mentioned.keys()].find((key) => !places.has(key))
  if (lacking !== undefined) return E.left(`storage ${lacking} is not in it`)
  return at === size ? E.right(places) : E.left(`${size - at} bytes follow its last storage, which belong to nothing`)
}

export const readLegacy = async (file: FileHandle, size: number): Promise<E.Either<string, Layout>> => {
  const pickles = readPickles(await readBytes(file, 0, Math.min(size, PICKLE_LIMIT)))
  if (E.isLeft(pickles)) return pickles
  const { values, end } = pickles.right
  const [, version, system, value = null, keys] = values
  if (version !== VERSION) return E.left(`it is of version ${String(version)} of the format, and ${VERSION} is read here`)
  if (!(system instanceof Map) || system.get('little_endian') !== true)
    return E.left('its numbers are big-endian, which are not read here')
  if (!Array.isArray(keys)) return E.left('the list of its storages is not that of its tensors')
  const mentioned = storagesIn(value)
  if (E.isLeft(mentioned)) return mentioned
  const storages = await placesOf(file, size, end, keys, mentioned.right)
  return E.isLeft(storages) ? storages : E.right({ value, storages: storages.right })
}
