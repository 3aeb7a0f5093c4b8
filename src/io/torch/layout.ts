/** Where the parts of a checkpoint lie in its file. */

import type { FileHandle } from 'node:fs/promises'
import * as E from 'fp-ts/Either'
import { Persistent, type Value } from '../pickle'
import { partsOf } from '../pickle/value'
import { type Storage, storageOf } from './tensor'

/** Bytes of a file. */
export interface Place {
  readonly begin: number
  readonly length: number
  /** Their CRC-32 if the file tells it. */
  readonly crc?: number
}

export interface Layout {
  readonly value: Value
  readonly storages: ReadonlyMap<string, Place>
}

/** The longest pickle: those of the largest models take 2 MB, beside their tensors. */
export const PICKLE_LIMIT = 32 * 2 ** 20

/** One call reads less than 2 GiB. */
const PIECE = 2 ** 30

/** Bytes of a file; fewer where it ends. */
export const readBytes = async (file: FileHandle, from: number, length: number): Promise<Uint8Array> => {
  const bytes = new Uint8Array(length)
  let done = 0
  while (done < length) {
    const { bytesRead } = await file.read(bytes, done, Math.min(PIECE, length - done), from + done)
    if (bytesRead === 0) break
    done += bytesRead
  }
  return bytes.subarray(0, done)
}

/** Every storage that a value mentions, by its name; one name must mean one storage. */
export const storagesIn = (value: Value): E.Either<string, ReadonlyMap<string, Storage>> => {
  const storages = new Map<string, Storage>()
  const seen = new Set<Value>()
  const open: Value[] = [value]
  for (let one = open.pop(); one !== undefined; one = open.pop()) {
    if (typeof one !== 'object' || one === null || seen.has(one)) continue
    seen.add(one)
    if (!(one instanceof Persistent)) {
      for (const part of partsOf(one)) open.push(part)
      continue
    }
    const storage = storageOf(one)
    if (E.isLeft(storage)) return storage
    const { key, dtype, length } = storage.right
    const before = storages.get(key)
    if (before !== undefined && (before.dtype !== dtype || before.length !== length))
      return E.left(`storage ${key} is once ${before.dtype} [${before.length}], once ${dtype} [${length}]`)
    storages.set(key, storage.right)
  }
  return E.right(storages)
}
