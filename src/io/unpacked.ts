/** Files that can only be read from beginning to end, unpacked once into the cache, where they are read at any place. */
import { createHash } from 'node:crypto'
import { createReadStream, createWriteStream, existsSync } from 'node:fs'
import * as fs from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { Transform } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createGunzip } from 'node:zlib'
import { pipe } from 'fp-ts/function'
import * as TE from 'fp-ts/TaskEither'
import { type Failure, missing } from '../base/failure'
import { cacheFolder, fileFailure, makeFolder } from './files'
import { makeWhole, removeLeftovers } from './leftovers'
import { statRegular } from './regular'

/** Where unpacked files lie; all of it may be deleted when nothing runs. */
export const unpackedFolder = (): string => join(cacheFolder(), 'unpacked')

/** Another name for a file that changed: by its path, length and time, and by what is made of it. */
const cachedPath = async (path: string, what: string): Promise<string> => {
  const { size, mtimeMs } = await fs.stat(path)
  const key = createHash('sha256')
    .update([resolve(path), size, mtimeMs, what].join('\n'))
    .digest('hex')
    .slice(0, 32)
  return join(unpackedFolder(), key)
}

/** How a file is unpacked. */
export interface Unpacking {
  /** Tells apart what may be made of the same file. */
  readonly what: string
  readonly write: (target: string) => Promise<void>
  /** What an error of `write` means, where it isn't the disk's. */
  readonly failure: (error: unknown) => Failure | undefined
}

/** What a file was unpacked to, now or before. */
export const unpackedOnce = (
  path: string,
  { what, write, failure }: Unpacking,
  notify: (message: string) => void,
): TE.TaskEither<Failure, string> =>
  pipe(
    TE.tryCatch(() => cachedPath(path, what), fileFailure(`cannot read ${path}`)),
    TE.chain((target) =>
      existsSync(target)
        ? TE.right(target)
        : pipe(
            makeFolder(unpackedFolder()),
            TE.chain(() =>
              TE.tryCatch(
                async () => {
                  await removeLeftovers(unpackedFolder())
                  notify(`unpacking ${path} into ${unpackedFolder()}`)
                  await makeWhole(target, write)
                },
                (error) => failure(error) ?? fileFailure(`cannot unpack ${path} into ${unpackedFolder()}`)(error),
              ),
            ),
            TE.map(() => target),
          ),
    ),
  )

const GZIP = [0x1f, 0x8b] as const

const isGzipped = async (path: string): Promise<boolean> => {
  await statRegular(path)
  const file = await fs.open(path, 'r')
  try {
    const { buffer } = await file.read(new Uint8Array(2), 0, 2, 0)
    return buffer[0] === GZIP[0] && buffer[1] === GZIP[1]
  } finally {
    await file.close()
  }
}

/** Thrown inside, where unpacking makes no sense; never leaves this file. */
class NoSense extends Error {
  constructor(readonly failure: Failure) {
    super()
  }
}

/** What is unpacked: how its first bytes must look, and what it is if they don't. */
export interface Expected {
  /** How many of its first bytes tell. */
  readonly bytes: number
  readonly fits: (beginning: Uint8Array) => boolean
  readonly otherwise: Failure
}

/** So many times its own length, and so many bytes more, a file that is meant may unpack to. */
const MOST_TIMES = 100
const MOST_MORE = 2 ** 28

/** Passes bytes on as long as they are what is expected, and no more than make sense. */
const watching = (path: string, size: number, { bytes, fits, otherwise }: Expected): Transform => {
  const most = MOST_TIMES * size + MOST_MORE
  let beginning = new Uint8Array(0)
  let total = 0
  const failureOf = (chunk: Uint8Array): Failure | undefined => {
    total += chunk.length
    if (total > most)
      return missing(
        `${path} is gzipped, and unpacks to more than ${MOST_TIMES} times its length`,
        'Name another file, or unpack this one yourself: gunzip.',
      )
    if (beginning.length >= bytes) return undefined
    beginning = Buffer.concat([beginning, chunk.subarray(0, bytes - beginning.length)])
    return beginning.length === bytes && !fits(beginning) ? otherwise : undefined
  }
  return new Transform({
    transform: (chunk: Uint8Array, _, done) => {
      const failure = failureOf(chunk)
      done(failure === undefined ? null : new NoSense(failure), chunk)
    },
  })
}

const gunzipping = (path: string, expected: Expected): Unpacking => ({
  what: 'gunzip',
  write: async (target) => {
    const { size } = await fs.stat(path)
    const file = createWriteStream(target, { flags: 'wx' })
    await pipeline(createReadStream(path), createGunzip(), watching(path, size, expected), file)
  },
  failure: (error) => {
    if (error instanceof NoSense) return error.failure
    const { code, message } = error as NodeJS.ErrnoException
    return code?.startsWith('Z_') === true
      ? missing(`${path} is gzipped, but cannot be unpacked: ${message}`, 'Fetch the file again; it is damaged or cut off.')
      : undefined
  },
})

/** The file itself, or, of a gzipped one, what it was unpacked to. Memory doesn't grow with the file. */
export const unpacked = (path: string, expected: Expected, notify: (message: string) => void): TE.TaskEither<Failure, string> =>
  pipe(
    TE.tryCatch(() => isGzipped(path), fileFailure(`cannot read ${path}`)),
    TE.chain((gzipped) => (gzipped ? unpackedOnce(path, gunzipping(path, expected), notify) : TE.right(path))),
  )
