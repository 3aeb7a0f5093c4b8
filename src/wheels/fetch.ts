/**
 * Fetches a set of wheels: downloads them by pip, checks them, unpacks what is needed beside its place in the cache, and
 * moves it there when it is complete.
 */
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { pipe } from 'fp-ts/function'
import * as TE from 'fp-ts/TaskEither'
import { type Failure, missing, stoppedBy } from '../base/failure'
import { fileFailure } from '../base/fileFailure'
import { gigabytes } from '../base/gigabytes'
import type { Rhythm } from '../base/lock'
import { underLock } from '../base/underLock'
import { cleanShelf, freeBytes, inWorkFolder, moveInto } from '../base/workFolder'
import { isWhole, placeOf, shelfOf } from './cache'
import { verify } from './checksum'
import type { Tell } from './events'
import { type Host, thisHost } from './host'
import { checkPip, download, noSpace } from './pip'
import { unpack } from './unpack'
import { downloadBytes, keptBytes, neededBytes, type Wheel, type WheelSet, type Words } from './wheel'

export interface FetchOptions {
  readonly tell?: Tell
  /** Ends it; the reason may be the name of a process signal. */
  readonly signal?: AbortSignal | undefined
  readonly host?: Host
  readonly rhythm?: Rhythm
  /** Free bytes of the disk that holds a folder. */
  readonly free?: (folder: string) => Promise<number>
}

type Settings = Required<Pick<FetchOptions, 'tell' | 'host' | 'free'>> & Pick<FetchOptions, 'signal'>

const inWords = (bytes: number): string => (bytes < 2 ** 30 ? `${Math.round(bytes / 2 ** 20)} MB` : gigabytes(bytes))

/** What is unpacked lies in this folder of it. */
const WHOLE = 'whole'

const stop = (signal: AbortSignal, { name, command }: Words): Failure =>
  stoppedBy(signal, `${name} was not fetched, and no part of it is kept`, `${command} starts over`)

/** Whatever fails after the user has stopped it fails for that reason. */
const unlessStopped =
  (signal: AbortSignal | undefined, words: Words) =>
  (failure: Failure): Failure =>
    signal?.aborted ? stop(signal, words) : failure

const checkSpace = (folder: string, set: WheelSet, { free, host }: Settings): TE.TaskEither<Failure, void> =>
  pipe(
    TE.tryCatch(() => free(folder), fileFailure(`cannot see how much space ${folder} has`)),
    TE.filterOrElse(
      (bytes) => bytes >= neededBytes(set),
      (bytes) =>
        missing(
          `fetching ${set.words.name} needs ${gigabytes(neededBytes(set))}, and ${host.cache} has ${gigabytes(bytes)} free`,
          'Free some space, or set IBOT_CACHE to a folder on another disk.',
        ),
    ),
    TE.map(() => undefined),
  )

/** Downloads, checks and unpacks one wheel; the download is removed. */
const add =
  (work: string, words: Words, { host, tell, signal }: Settings) =>
  (wheel: Wheel): TE.TaskEither<Failure, void> => {
    const downloads = join(work, 'downloads')
    return pipe(
      download(host, wheel, downloads, { words, tell, signal }),
      TE.chainFirst((path) => verify(path, wheel, { tell, signal })),
      TE.chain((path) => unpack(path, wheel, join(work, WHOLE), { tell, signal })),
      TE.chain(() =>
        TE.tryCatch(() => rm(downloads, { recursive: true, force: true }), fileFailure(`cannot remove ${downloads}`)),
      ),
    )
  }

const asNoSpace =
  ({ host }: Settings, words: Words) =>
  (failure: Failure): Failure =>
    failure._tag === 'Missing' && /no space is left|quota is used up/.test(failure.message) ? noSpace(host.cache, words) : failure

const announce = (set: WheelSet, place: string): string =>
  `Fetching ${set.words.announced}, once: ${inWords(downloadBytes(set))} by pip, then ${inWords(keptBytes(set))} in ${place}`

const fetchSet = (set: WheelSet, settings: Settings): TE.TaskEither<Failure, void> => {
  const { host, tell, signal } = settings
  const { words } = set
  const [place, folder] = [placeOf(host, set), shelfOf(host, set)]
  return pipe(
    cleanShelf(folder),
    TE.chain(() => checkSpace(folder, set, settings)),
    TE.chain(() => checkPip(host, words)),
    TE.chainFirstIOK(() => () => tell({ event: 'note', message: announce(set, place) })),
    TE.chain(() =>
      inWorkFolder(folder, (work) =>
        pipe(
          set.wheels,
          TE.traverseSeqArray((wheel) => (signal?.aborted ? TE.left(stop(signal, words)) : add(work, words, settings)(wheel))),
          TE.chain(() => moveInto(place, join(work, WHOLE))),
        ),
      ),
    ),
    TE.mapLeft(asNoSpace(settings, words)),
    TE.mapLeft(unlessStopped(signal, words)),
  )
}

/**
 * Fetches a set into the cache, unless it is there. While another process does so, this one waits and then uses what that
 * one has made.
 */
export const fetchWheels = (
  set: WheelSet,
  { tell = () => undefined, signal, host = thisHost(), rhythm, free = freeBytes }: FetchOptions = {},
): TE.TaskEither<Failure, void> => {
  const settings: Settings = { tell, signal, host, free }
  const onWait = (pid: number): void =>
    tell({ event: 'note', message: `Another process (${pid}) is fetching ${set.words.name}; waiting for it` })
  const isThere = TE.fromIO<boolean, Failure>(() => isWhole(host, set))
  const unlessThere = (work: TE.TaskEither<Failure, void>): TE.TaskEither<Failure, void> =>
    pipe(
      isThere,
      TE.chain((there) => (there ? TE.right(undefined) : work)),
    )
  return unlessThere(
    underLock(
      join(shelfOf(host, set), 'lock'),
      { onWait, signal, rhythm },
      () => stop(signal!, set.words),
      unlessThere(fetchSet(set, settings)),
    ),
  )
}
