/** What pictures hold, each as a short hash by which to notice that it was replaced by another one. */
import { createHash, type Hash } from 'node:crypto'
import * as E from 'fp-ts/Either'
import { pipe } from 'fp-ts/function'
import * as TE from 'fp-ts/TaskEither'
import { type Failure, isLasting } from '../base/failure'
import { turn } from '../base/turn'
import type { Picture } from '../image/picture'
import { fileFailure } from './files'
import { openRegular } from './regular'
import type { Source, Stored } from './source'

/** 8 bytes a picture: among a million pictures, two others agree once in 10⁷ data sets. */
export type Hashes = BigUint64Array

/** Stands for a picture that can't be read. */
const UNREADABLE = 0n

const endOf = (hash: Hash): bigint => hash.digest().readBigUInt64LE()

/** The first 8 bytes of a SHA-256 of size and pixels. */
export const pixelHash = ({ width, height, data }: Picture): bigint =>
  endOf(createHash('sha256').update(`${width}×${height}:`).update(data))

const CHUNK = 2 ** 16

/** The same of bytes in a file, of which no more than a chunk is held. */
const storedHash = ({ path, start = 0, length = Number.POSITIVE_INFINITY }: Stored): TE.TaskEither<Failure, bigint> =>
  TE.tryCatch(
    async () => {
      const file = await openRegular(path)
      try {
        const hash = createHash('sha256')
        const chunk = Buffer.allocUnsafe(CHUNK)
        for (let done = 0; done < length; ) {
          const { bytesRead } = await file.read(chunk, 0, Math.min(CHUNK, length - done), start + done)
          if (bytesRead === 0) break
          hash.update(chunk.subarray(0, bytesRead))
          done += bytesRead
        }
        return endOf(hash)
      } finally {
        await file.close()
      }
    },
    fileFailure(`cannot read ${path}`),
  )

const hashOf = ({ stored, read }: Source, i: number): TE.TaskEither<Failure, bigint> =>
  pipe(
    stored === undefined
      ? pipe(
          () => read(i),
          TE.map((picture) => pixelHash(picture)),
        )
      : pipe(stored(i), TE.chain(storedHash)),
    TE.orElse((failure) => (isLasting(failure) ? TE.right(UNREADABLE) : TE.left(failure))),
  )

/** Pictures that are read at the same time. */
const AT_ONCE = 16

export interface HashOptions {
  readonly onProgress: (done: number, total: number) => void
  readonly signal: AbortSignal | undefined
}

/** Hashes of all pictures of a source: of their bytes as they are stored where it tells where these lie, else of their pixels. */
export const hashesOf =
  (source: Source, { onProgress, signal }: HashOptions): TE.TaskEither<Failure, Hashes> =>
  async () => {
    const hashes = new BigUint64Array(source.count)
    for (let first = 0; first < source.count; first += AT_ONCE) {
      const goesOn = await turn(signal)()
      if (E.isLeft(goesOn)) return goesOn
      const some = Array.from({ length: Math.min(AT_ONCE, source.count - first) }, (_, i) => first + i)
      for (const [i, hash] of (await Promise.all(some.map((i) => hashOf(source, i)()))).entries()) {
        if (E.isLeft(hash)) return hash
        hashes[first + i] = hash.right
      }
      onProgress(first + some.length, source.count)
    }
    return E.right(hashes)
  }
