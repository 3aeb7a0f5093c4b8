/**
 * Fetches TensorFlow's C library: downloads wheels by pip, checks them, unpacks what is needed beside its place in the
 * cache, and moves it there when it is complete.
 */
import { randomBytes } from 'node:crypto'
import { mkdir, readdir, rename, rm, statfs } from 'node:fs/promises'
import { join } from 'node:path'
import { pipe } from 'fp-ts/function'
import * as O from 'fp-ts/Option'
import * as TE from 'fp-ts/TaskEither'
import { type Failure, missing, stoppedBy } from '../../base/failure'
import { fileFailure } from '../../base/fileFailure'
import { gigabytes } from '../../base/gigabytes'
import type { Rhythm } from '../../base/lock'
import { verify } from './checksum'
import type { Tell } from './fetchEvents'
import { cached, inCache } from './find'
import { type Host, thisHost } from './host'
import type { Build, Library } from './library'
import { underLock } from './lock'
import { checkPip, download, noSpace } from './pip'
import { unpack } from './unpack'
import { downloadBytes, libraryBytes, neededBytes, WHEELS, type Wheel, type WheelSet, type WheelTable, wheelsFor } from './wheels'

export interface FetchOptions {
  readonly build?: Build
  readonly tell?: Tell
  /** Ends it; the reason may be the name of a process signal. */
  readonly signal?: AbortSignal | undefined
  readonly host?: Host
  readonly table?: WheelTable
  readonly rhythm?: Rhythm
  /** Free bytes of the disk that holds a folder. */
  readonly free?: (folder: string) => Promise<number>
}

type Settings = Required<Pick<FetchOptions, 'tell' | 'host' | 'free'>> & Pick<FetchOptions, 'signal' | 'rhythm'>

const freeBytes = async (folder: string): Promise<number> => {
  const { bavail, bsize } = await statfs(folder)
  return bavail * bsize
}

const megabytes = (bytes: number): string => `${Math.round(bytes / 2 ** 20)} MB`

/** Work that isn't finished has a name of this kind, in the folder of the libraries. */
const UNFINISHED = 'fetch-'

const stop = (signal: AbortSignal): Failure =>
  stoppedBy(signal, "TensorFlow's library was not fetched, and no part of it is kept", 'ibot setup starts over')

/** Whatever fails after the user has stopped it fails for that reason. */
const unlessStopped =
  (signal: AbortSignal | undefined) =>
  (failure: Failure): Failure =>
    signal?.aborted ? stop(signal) : failure

/** Removes what processes that ended too early have left; under the lock, nobody else works here. */
const clean = (folder: string): TE.TaskEither<Failure, void> =>
  TE.tryCatch(
    async () => {
      const left = (await readdir(folder)).filter((name) => name.startsWith(UNFINISHED))
      for (const name of left) await rm(join(folder, name), { recursive: true, force: true })
    },
    fileFailure(`cannot clean ${folder}`),
  )

const checkSpace = (folder: string, set: WheelSet, { free, host }: Settings): TE.TaskEither<Failure, void> =>
  pipe(
    TE.tryCatch(() => free(folder), fileFailure(`cannot see how much space ${folder} has`)),
    TE.filterOrElse(
      (bytes) => bytes >= neededBytes(set),
      (bytes) =>
        missing(
          `fetching TensorFlow's library needs ${gigabytes(neededBytes(set))}, and ${host.cache} has ${gigabytes(bytes)} free`,
          'Free some space, or set IBOT_CACHE to a folder on another disk.',
        ),
    ),
    TE.map(() => undefined),
  )

/** Downloads, checks and unpacks one wheel; the download is removed. */
const add =
  (work: string, { host, tell, signal }: Settings) =>
  (wheel: Wheel): TE.TaskEither<Failure, void> => {
    const downloads = join(work, 'downloads')
    return pipe(
      download(host, wheel, downloads, { tell, signal }),
      TE.chainFirst((path) => verify(path, wheel, { tell, signal })),
      TE.chain((path) => unpack(path, wheel, join(work, 'library'), { tell, signal })),
      TE.chain(() =>
        TE.tryCatch(() => rm(downloads, { recursive: true, force: true }), fileFailure(`cannot remove ${downloads}`)),
      ),
    )
  }

/** Gives the finished folder its name. What may be there already isn't whole. */
const moveInto = (place: string, library: string): TE.TaskEither<Failure, void> =>
  TE.tryCatch(
    async () => {
      await rm(place, { recursive: true, force: true })
      await rename(library, place)
    },
    fileFailure(`cannot make ${place}`),
  )

const asNoSpace =
  ({ host }: Settings) =>
  (failure: Failure): Failure =>
    failure._tag === 'Missing' && /no space is left|quota is used up/.test(failure.message) ? noSpace(host.cache) : failure

const announce = (set: WheelSet, place: string): string => {
  const what = set.wheels.length === 1 ? '' : ` with NVIDIA's libraries, ${set.wheels.length} packages`
  return `Fetching TensorFlow ${set.version} for ${set.build.toUpperCase()}s${what}, once: ${megabytes(downloadBytes(set))} by pip, then ${megabytes(libraryBytes(set))} in ${place}`
}

const fetchSet = (set: WheelSet, settings: Settings): TE.TaskEither<Failure, void> => {
  const { host, tell, signal } = settings
  const place = cached(host, set)
  const folder = join(host.cache, 'tensorflow')
  const work = join(folder, `${UNFINISHED}${process.pid}-${randomBytes(4).toString('hex')}`)
  return pipe(
    clean(folder),
    TE.chain(() => checkSpace(folder, set, settings)),
    TE.chain(() => checkPip(host)),
    TE.chainFirstIOK(() => () => tell({ event: 'note', message: announce(set, place) })),
    TE.chain(() =>
      TE.bracket(
        TE.tryCatch(() => mkdir(work), fileFailure(`cannot make the folder ${work}`)),
        () =>
          pipe(
            set.wheels,
            TE.traverseSeqArray((wheel) => (signal?.aborted ? TE.left(stop(signal)) : add(work, settings)(wheel))),
            TE.chain(() => moveInto(place, join(work, 'library'))),
          ),
        // That it can't be removed tells nothing more, and the next one cleans up.
        () => TE.fromTask(() => rm(work, { recursive: true, force: true }).catch(() => undefined)),
      ),
    ),
    TE.mapLeft(asNoSpace(settings)),
    TE.mapLeft(unlessStopped(signal)),
  )
}

/**
 * Fetches the library into the cache, unless it is there. While another process does so, this one waits and then uses
 * what that one has made.
 */
export const fetchLibrary = ({
  build = 'cpu',
  tell = () => undefined,
  signal,
  host = thisHost(),
  table = WHEELS,
  rhythm,
  free = freeBytes,
}: FetchOptions = {}): TE.TaskEither<Failure, Library> => {
  const settings: Settings = { tell, signal, host, free }
  const onWait = (pid: number): void =>
    tell({ event: 'note', message: `Another process (${pid}) is fetching TensorFlow's library; waiting for it` })
  const whole = (set: WheelSet): TE.TaskEither<Failure, Library> =>
    TE.fromOption(() => missing(`${cached(host, set)} isn't complete`, 'Run ibot setup again.'))(inCache(host, set))
  return pipe(
    TE.fromEither(wheelsFor(host, build, table)),
    TE.chain((set) =>
      O.isSome(inCache(host, set))
        ? whole(set)
        : pipe(
            underLock(
              join(host.cache, 'tensorflow', 'lock'),
              { onWait, signal, rhythm },
              () => stop(signal!),
              pipe(
                TE.fromIO(() => inCache(host, set)),
                TE.chain((made) => (O.isSome(made) ? TE.right(undefined) : fetchSet(set, settings))),
              ),
            ),
            TE.chain(() => whole(set)),
          ),
    ),
  )
}
