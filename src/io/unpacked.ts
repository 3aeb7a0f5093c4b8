/** Gzipped files unpacked once into the cache: only plain ones can be read at any place. */
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

const GZIP = [0x1f, 0x8b] as const

const isGzipped = async (path: string): Promise<boolean> => {
  const file = await fs.open(path, 'r')
  try {
    const { buffer } = await file.read(new Uint8Array(2), 0, 2, 0)
    return buffer[0] === GZIP[0] && buffer[1] === GZIP[1]
  } finally {
    await file.close()
  }
}

/** Another name for a file that changed: by its path, length and time. */
const cachedPath = async (path: string): Promise<string> => {
  const { size, mtimeMs } = await fs.stat(path)
  const key = createHash('sha256')
    .update([resolve(path), size, mtimeMs].join('\n'))
    .digest('hex')
    .slice(0, 32)
  return join(unpackedFolder(), key)
}

/** Where unpacked files lie; all of it may be deleted when nothing runs. */
export const unpackedFolder = (): string => join(cacheFolder(), 'unpacked')

const unpack = async (path: string, target: string): Promise<void> => {
  const temporary = `${target}.${randomBytes(6).toString('hex')}.tmp`
  try {
    await pipeline(createReadStream(path), createGunzip(), createWriteStream(temporary, { flags: 'wx' }))
    await fs.rename(temporary, target)
  } catch (error) {
    await fs.rm(temporary, { force: true }).catch(() => undefined)
    throw error
  }
}

const unpackFailure =
  (path: string) =>
  (error: unknown): Failure => {
    const { code, message } = error as NodeJS.ErrnoException
    return code?.startsWith('Z_') === true
      ? missing(`${path} is gzipped, but cannot be unpacked: ${message}`, 'Fetch the file again; it is damaged or cut off.')
      : fileFailure(`cannot unpack ${path} into ${unpackedFolder()}`)(error)
  }

/** The file itself, or, of a gzipped one, what it was unpacked to, now or before. Memory doesn't grow with the file. */
export const unpacked = (path: string, notify: (message: string) => void): TE.TaskEither<Failure, string> =>
  pipe(
    TE.tryCatch(async () => ((await isGzipped(path)) ? await cachedPath(path) : path), fileFailure(`cannot read ${path}`)),
    TE.chain((target) =>
      target === path || existsSync(target)
        ? TE.right(target)
        : pipe(
            makeFolder(unpackedFolder()),
            TE.chain(() =>
              TE.tryCatch(() => {
                notify(`unpacking ${path} into ${unpackedFolder()}`)
                return unpack(path, target)
              }, unpackFailure(path)),
            ),
            TE.map(() => target),
          ),
    ),
  )
