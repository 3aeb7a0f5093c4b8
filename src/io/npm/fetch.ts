/** Fetches packages into the cache, one process at a time: whole or not at all. */
import { statSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { pipe } from 'fp-ts/function'
import * as TE from 'fp-ts/TaskEither'
import { attempt } from '../../base/attempt'
import { type Failure, missing, stoppedBy } from '../../base/failure'
import { fileFailure } from '../../base/fileFailure'
import { underLock } from '../../base/underLock'
import { cleanShelf, freeBytes, inWorkFolder, moveInto } from '../../base/workFolder'
import { cacheFolder } from '../files'
import { inMegabytes } from '../picture/undecodable'
import { noSpace, pack, type Wanted } from './pack'
import type { NpmPackage } from './package'
import { unpack, verify } from './unpack'

export type Notify = (message: string) => void

/** Where packages lie that were fetched. */
const shelf = (): string => join(resolve(cacheFolder()), 'npm')

/** Where a package lies that was fetched. */
export const placeOf = ({ name, version }: Pick<NpmPackage, 'name' | 'version'>): string => join(shelf(), `${name}-${version}`)

/** Whether all files of a package are there in full length. */
export const isWhole = (folder: string, { files }: NpmPackage): boolean =>
  Object.entries(files).every(([name, bytes]) => attempt(() => statSync(join(folder, name)).size) === bytes)

/** What is on the disk at once: the archive, beside it npm's copy of it or what is in it, and the files. */
const neededBytes = ({ bytes, files }: NpmPackage): number =>
  bytes +
  2 *
    Math.max(
      bytes,
      Object.values(files).reduce((total, size) => total + size, 0),
    )

const checkSpace = (wanted: Wanted): TE.TaskEither<Failure, void> =>
  pipe(
    TE.tryCatch(() => freeBytes(shelf()), fileFailure(`cannot see how much space ${shelf()} has`)),
    TE.filterOrElse(
      (free) => free >= neededBytes(wanted.from),
      (free) =>
        missing(
          `fetching ${wanted.from.holds} needs ${inMegabytes(neededBytes(wanted.from))}, and ${shelf()} has ${inMegabytes(free)} free`,
          'Free some space, or set IBOT_CACHE to a folder on another disk.',
        ),
    ),
    TE.map(() => undefined),
  )

const stop = (signal: AbortSignal, { from: { holds } }: Wanted): Failure =>
  stoppedBy(signal, `${holds} was not fetched, and no part of it is kept`, 'The same command starts over.')

/** Whatever fails after the user has stopped it fails for that reason; a full disk is told as one, whoever met it. */
const asMeant =
  (wanted: Wanted, signal: AbortSignal) =>
  (failure: Failure): Failure => {
    if (signal.aborted) return stop(signal, wanted)
    const full = failure._tag === 'Missing' && /no space is left on the disk|quota is used up/.test(failure.message)
    return full ? noSpace(shelf(), wanted) : failure
  }

const tidied = (work: string): TE.TaskEither<Failure, void> =>
  TE.tryCatch(
    () => rm(join(work, 'cache'), { recursive: true, force: true }),
    fileFailure(`cannot remove ${join(work, 'cache')}`),
  )

const fetchNow = (wanted: Wanted, notify: Notify, signal: AbortSignal): TE.TaskEither<Failure, void> => {
  const { from } = wanted
  const place = placeOf(from)
  return pipe(
    cleanShelf(shelf()),
    TE.chain(() => checkSpace(wanted)),
    TE.chainFirstIOK(() => () => notify(`Fetching ${from.holds} once by npm (${inMegabytes(from.bytes)}) into ${place}`)),
    TE.chain(() =>
      inWorkFolder(shelf(), (work) => {
        const whole = join(work, 'whole')
        return pipe(
          pack(wanted, work, signal),
          TE.chainFirst(() => tidied(work)),
          TE.chainFirst((archive) => verify(archive, wanted, signal)),
          TE.chain((archive) => unpack(archive, wanted, whole, signal)),
          TE.chain(() => moveInto(place, whole)),
        )
      }),
    ),
    TE.mapLeft(asMeant(wanted, signal)),
  )
}

/** Fetches a package to its place, unless it is there by now. Under the lock. */
export const fetch = (wanted: Wanted, notify: Notify, signal: AbortSignal): TE.TaskEither<Failure, string> => {
  const place = placeOf(wanted.from)
  return pipe(
    TE.fromIO<boolean, Failure>(() => isWhole(place, wanted.from)),
    TE.chain((there) => (there ? TE.right(undefined) : fetchNow(wanted, notify, signal))),
    TE.map(() => place),
  )
}

/** Does something with the place of packages while no other process does. */
export const onShelf = <A>(
  wanted: Wanted,
  notify: Notify,
  signal: AbortSignal,
  work: TE.TaskEither<Failure, A>,
): TE.TaskEither<Failure, A> => {
  const onWait = (pid: number): void => notify(`Another process (${pid}) is fetching ${wanted.from.holds}; waiting for it`)
  return underLock(join(shelf(), 'lock'), { onWait, signal }, () => stop(signal, wanted), work)
}

/** Removes a fetched package that isn't needed any more; one that can't be removed does no harm. */
export const giveUp = (from: NpmPackage): TE.TaskEither<Failure, void> =>
  TE.fromTask(() => rm(placeOf(from), { recursive: true, force: true }).catch(() => undefined))
