/** Takes single files out of a wheel, which is a ZIP archive, as streams: one of them is larger than what a buffer may hold. */
import { createWriteStream } from 'node:fs'
import { dirname, join } from 'node:path'
import { Transform } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import * as TE from 'fp-ts/TaskEither'
import { type Entry, openPromise, type ZipFile } from 'yauzl'
import { type Failure, missing } from '../base/failure'
import { fileFailure } from '../base/fileFailure'
import { makeFolders } from '../base/makeFolders'
import type { Tell } from './events'
import { unpackedBytes, type Wheel } from './wheel'

interface Options {
  readonly tell: Tell
  readonly signal?: AbortSignal | undefined
}

/** Calls back with the length of each piece that goes through. */
const counting = (count: (bytes: number) => void): Transform =>
  new Transform({
    transform(chunk: Buffer, _encoding, done) {
      count(chunk.length)
      done(null, chunk)
    },
  })

const write = async (
  zip: ZipFile,
  entry: Entry,
  path: string,
  count: (bytes: number) => void,
  signal?: AbortSignal,
): Promise<void> => {
  await makeFolders(dirname(path))
  // Programs among the files stay programs; all that the mode says besides is of no use here.
  const mode = (entry.externalFileAttributes >>> 16) & 0o111 ? 0o755 : 0o644
  await pipeline(
    await zip.openReadStreamPromise(entry),
    counting(count),
    createWriteStream(path, { flags: 'wx', mode, flush: true }),
    {
      signal,
    },
  )
}

const unpackAll = async (path: string, wheel: Wheel, folder: string, { tell, signal }: Options): Promise<readonly string[]> => {
  const total = unpackedBytes(wheel)
  const unpacked: string[] = []
  let bytes = 0
  const count = (more: number): void => {
    bytes += more
    tell({ event: 'progress', doing: 'unpack', file: wheel.file, bytes, total })
  }
  const zip = await openPromise(path)
  for await (const entry of zip.eachEntry()) {
    if (wheel.members[entry.fileName] !== entry.uncompressedSize) continue
    await write(zip, entry, join(folder, entry.fileName), count, signal)
    unpacked.push(entry.fileName)
  }
  return unpacked
}

const damaged = (wheel: Wheel, reason: string): Failure =>
  missing(`the download ${wheel.file} is damaged and cannot be unpacked: ${reason}`, 'Run it again.')

/** An error of the file system names what was called; others come from the archive. */
const unpackFailure =
  (wheel: Wheel, folder: string) =>
  (error: unknown): Failure =>
    error instanceof Error && 'syscall' in error
      ? fileFailure(`cannot unpack ${wheel.file} to ${folder}`)(error)
      : damaged(wheel, error instanceof Error ? error.message : String(error))

/** Unpacks the members of a wheel into a folder, under the names that they have in it. */
export const unpack = (path: string, wheel: Wheel, folder: string, options: Options): TE.TaskEither<Failure, void> => {
  const failure = unpackFailure(wheel, folder)
  return TE.tryCatch(async () => {
    const unpacked = await unpackAll(path, wheel, folder, options)
    const lacking = Object.keys(wheel.members).filter((name) => !unpacked.includes(name))
    if (lacking.length > 0) throw new Error(`it lacks ${lacking.join(', ')}`)
  }, failure)
}
