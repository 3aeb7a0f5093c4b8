/** Safetensors files read from the disk array by array: they may be larger than what fits into one array. */
import { createHash } from 'node:crypto'
import type * as fs from 'node:fs/promises'
import * as E from 'fp-ts/Either'
import * as TE from 'fp-ts/TaskEither'
import type { Failure } from '../base/failure'
import { fileFailure } from '../base/fileFailure'
import { type Entry, toEntry } from './dtype'
import { openRegular } from './regular'
import { headerLength, PREFIX, parseLayout, type Safetensors } from './safetensors'

export interface SafetensorsFile extends Safetensors {
  /** The bytes before the arrays. */
  readonly header: Uint8Array
  /** SHA-256 of the bytes of all arrays, in the order of the file. */
  readonly sha256: string
}

/** How much is read at a time. */
const CHUNK = 2 ** 26

/** As many bytes as there are from a place on, at most `length`. */
const bytesAt = async (file: fs.FileHandle, position: number, length: number): Promise<Uint8Array> => {
  const bytes = new Uint8Array(length)
  let read = 0
  while (read < length) {
    const { bytesRead } = await file.read(bytes, read, Math.min(CHUNK, length - read), position + read)
    if (bytesRead === 0) break
    read += bytesRead
  }
  return bytes.subarray(0, read)
}

/**
 * Reads a file, whose role `whatItIs` names for the message of a failure. On the left inside: what is wrong with its
 * content, in a sentence to be put behind the name of the file.
 */
export const readSafetensors = (path: string, whatItIs: string): TE.TaskEither<Failure, E.Either<string, SafetensorsFile>> =>
  TE.tryCatch(
    async () => {
      const file = await openRegular(path)
      try {
        return await contentOf(file)
      } finally {
        await file.close()
      }
    },
    fileFailure(`cannot read ${whatItIs} ${path}`),
  )

const contentOf = async (file: fs.FileHandle): Promise<E.Either<string, SafetensorsFile>> => {
  const { size } = await file.stat()
  const prefix = await bytesAt(file, 0, PREFIX)
  const length = headerLength(prefix, size)
  if (E.isLeft(length)) return length
  const start = PREFIX + length.right
  const header = await bytesAt(file, 0, start)
  const layout = parseLayout(header.subarray(PREFIX), size - start)
  if (E.isLeft(layout)) return layout
  const hash = createHash('sha256')
  const tensors = new Map<string, Entry>()
  for (const { name, dtype, shape, begin, end } of layout.right.arrays) {
    const bytes = await bytesAt(file, start + begin, end - begin)
    if (bytes.length < end - begin) return E.left('the file became shorter while it was read')
    hash.update(bytes)
    tensors.set(name, toEntry(dtype, shape, bytes))
  }
  return E.right({ tensors, metadata: layout.right.metadata, header, sha256: hash.digest('hex') })
}
