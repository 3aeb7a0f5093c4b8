/** The format of PyTorch 1.6 and newer: a ZIP archive, not compressed, with a pickle and a file for each storage. */
import type { FileHandle } from 'node:fs/promises'
import { crc32 } from 'node:zlib'
import * as E from 'fp-ts/Either'
import { pipe } from 'fp-ts/function'
import { type Entry, fromFdPromise, type ZipFile } from 'yauzl'
import { elementBytes } from '../dtype'
import { readPickle } from '../pickle'
import { ALLOWED } from './allowed'
import { type Layout, PICKLE_LIMIT, type Place, readBytes, storagesIn } from './layout'

/** The most files in an archive: a storage each for the weights and moments of the largest models take some thousands. */
const ENTRY_LIMIT = 100_000

const ENCRYPTED = 1

/** What is wrong with a file of the archive, whatever it holds. */
const unfit = (entry: Entry): string | undefined => {
  const { fileName, compressionMethod, generalPurposeBitFlag, compressedSize, uncompressedSize } = entry
  if (generalPurposeBitFlag & ENCRYPTED) return `${fileName} in it is encrypted`
  // PyTorch compresses nothing, and what isn't compressed can't become larger than the file.
  if (compressionMethod !== 0 || compressedSize !== uncompressedSize)
    return `${fileName} in it is compressed, as PyTorch never writes it`
  return undefined
}

/** All files of an archive, by their names below its one folder. */
const entriesOf = async (zip: ZipFile, size: number): Promise<E.Either<string, ReadonlyMap<string, Entry>>> => {
  const entries = new Map<string, Entry>()
  let folder: string | undefined
  let total = 0
  if (zip.entryCount > ENTRY_LIMIT)
    return E.left(`it is an archive of ${zip.entryCount} files, more than the ${ENTRY_LIMIT} allowed`)
  for await (const entry of zip.eachEntry()) {
    const problem = unfit(entry)
    if (problem !== undefined) return E.left(problem)
    const slash = entry.fileName.indexOf('/')
    const own = entry.fileName.slice(0, slash + 1)
    if (slash < 0 || (folder ?? own) !== own)
      return E.left(`${entry.fileName} in it lies outside of its folder ${folder ?? '(none)'}: this is no checkpoint of PyTorch`)
    folder = own
    const name = entry.fileName.slice(own.length)
    if (entries.has(name)) return E.left(`it holds ${entry.fileName} twice`)
    total += entry.uncompressedSize
    if (total > size) return E.left(`the files in it take ${total} bytes or more, but it has only ${size}`)
    entries.set(name, entry)
  }
  return E.right(entries)
}

/** Node has had the checksum since 20.15; older ones go without. */
const checksum = crc32 as typeof crc32 | undefined

/** Whether bytes are those whose checksum was written with them. PyTorch writes 0 where it was told to compute none. */
export const isSound = (bytes: Uint8Array, { crc = 0 }: Place): boolean =>
  crc === 0 || checksum === undefined || checksum(bytes) === crc

export const readArchive = async (file: FileHandle, size: number): Promise<E.Either<string, Layout>> => {
  const zip = await fromFdPromise(file.fd, { autoClose: false, strictFileNames: true })
  const entries = await entriesOf(zip, size)
  if (E.isLeft(entries)) return entries
  const placeOf = async (entry: Entry): Promise<Place> => ({
    begin: (await zip.readLocalFileHeaderPromise(entry, { minimal: true })).fileDataStart,
    length: entry.uncompressedSize,
    crc: entry.crc32,
  })
  const contentOf = async (name: string): Promise<E.Either<string, Uint8Array>> => {
    const entry = entries.right.get(name)
    if (entry === undefined) return E.left(`it holds no ${name}: this is no checkpoint of PyTorch`)
    if (entry.uncompressedSize > PICKLE_LIMIT)
      return E.left(`${entry.fileName} in it takes ${entry.uncompressedSize} bytes, more than the ${PICKLE_LIMIT} allowed`)
    const place = await placeOf(entry)
    const bytes = await readBytes(file, place.begin, place.length)
    return bytes.length === place.length && isSound(bytes, place) ? E.right(bytes) : E.left(`${entry.fileName} in it is damaged`)
  }

  if (entries.right.has('byteorder')) {
    const order = await contentOf('byteorder')
    if (E.isLeft(order)) return order
    if (Buffer.from(order.right).toString('latin1') !== 'little')
      return E.left('its numbers are big-endian, which are not read here')
  }
  const read = pipe(
    await contentOf('data.pkl'),
    E.chain((bytes) => readPickle(bytes, { allowed: ALLOWED })),
    E.bindTo('pickle'),
    E.bind('mentioned', ({ pickle }) => storagesIn(pickle.value)),
  )
  if (E.isLeft(read)) return read
  const storages = new Map<string, Place>()
  for (const { key, dtype, length } of read.right.mentioned.values()) {
    const entry = entries.right.get(`data/${key}`)
    if (entry === undefined) return E.left(`storage ${key} is not in it`)
    const needed = length * elementBytes(dtype)
    if (entry.uncompressedSize !== needed)
      return E.left(`storage ${key} is ${dtype} [${length}], which takes ${needed} bytes, but it has ${entry.uncompressedSize}`)
    const place = await placeOf(entry)
    if (place.begin + place.length > size) return E.left(`storage ${key} reaches beyond its end: it is cut off`)
    storages.set(key, place)
  }
  return E.right({ value: read.right.pickle.value, storages })
}
