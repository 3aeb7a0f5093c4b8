/** Files that can only be read from beginning to end, unpacked once into the cache, where they are read at any place. */
import { createHash, randomBytes } from 'node:crypto'
import { createReadStream, createWriteStream, existsSync } from 'node:fs'
import * as fs from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { createGunzip } from 'node:zlib'
import { pipe } from 'fp-ts/function'
import * as TE from 'fp-ts/TaskEither'
import { type Failure, missing } from '../base/failure'
import { cacheFolder, fileFailure, makeFolder } from './files'
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

/** Writes beside the target first, so that whoever finds the target finds all of it. */
const makeWhole = async (target: string, write: (path: string) => Promise<void>): Promise<void> => {
  const temporary = `${target}.${randomBytes(6).toString('hex')}.tmp`
  try {
    await write(temporary)
    await fs.rename(temporary, target)
  } catch (error) {
    // The first error is the one to report; that the temporary file can't be removed either tells nothing more.
    await fs.rm(temporary, { force: true }).catch(() => undefined)
    throw error
  }
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
                () => {
                  notify(`unpacking ${path} into ${unpackedFolder()}`)
                  return makeWhole(target, write)
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

const gunzipping = (path: string): Unpacking => ({
  what: 'gunzip',
  write: (target) => pipeline(createReadStream(path), createGunzip(), createWriteStream(target, { flags: 'wx' })),
  failure: (error) => {
    const { code, message } = error as NodeJS.ErrnoException
    return code?.startsWith('Z_') === true
      ? missing(`${path} is gzipped, but cannot be unpacked: ${message}`, 'Fetch the file again; it is damaged or cut off.')
      : undefined
  },
})

/** The file itself, or, of a gzipped one, what it was unpacked to. Memory doesn't grow with the file. */
export const unpacked = (path: string, notify: (message: string) => void): TE.TaskEither<Failure, string> =>
  pipe(
    TE.tryCatch(() => isGzipped(path), fileFailure(`cannot read ${path}`)),
    TE.chain((gzipped) => (gzipped ? unpackedOnce(path, gunzipping(path), notify) : TE.right(path))),
  )
