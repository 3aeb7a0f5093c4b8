/** All files below a folder, one after the other; each call of the system is synchronous, which is the fastest. */
import { type Dirent, opendirSync, realpathSync, type Stats, statSync } from 'node:fs'
import * as E from 'fp-ts/Either'
import { pipe } from 'fp-ts/function'
import * as TE from 'fp-ts/TaskEither'
import { defect, type Failure, missing } from '../base/failure'
import { inTurns } from '../base/turn'
import { byCodePoint } from './codePoints'
import { fileFailure } from './files'

/** Whether a folder of pictures is there. */
export const checkFolder = (root: string): E.Either<Failure, void> =>
  pipe(
    E.tryCatch(() => statSync(root), fileFailure(`cannot read the folder of pictures ${root}`)),
    E.chain((stats) =>
      stats.isDirectory()
        ? E.right(undefined)
        : E.left(missing(`cannot read the folder of pictures ${root}: it is a file`, 'Name the folder that the file is in.')),
    ),
  )

/**
 * Told of a file: its path, relative to the folder, with / between the names; its size in bytes, `NO_FILE` for a link that leads nowhere or
 * round in a circle, a pipe, a device; and the first-level sub-folder that it lies in, if it lies in one.
 */
export type Visit = (path: string, size: number, folder: string | undefined) => void

export const NO_FILE = -1

/** Thrown inside, to end the walk; never leaves this file. */
class Stop extends Error {
  constructor(readonly failure: Failure) {
    super()
  }
}

const attempt = <A>(path: string, action: (path: string) => A): A => {
  try {
    return action(path)
  } catch (error) {
    throw error instanceof Stop ? error : new Stop(fileFailure(`cannot read ${path}`)(error))
  }
}

const hasHighUnits = (name: string): boolean => /[\ud800-\uffff]/.test(name)

/** Sorts in place, by code points. */
const sorted = (names: string[]): readonly string[] =>
  // The order of code units is the same but for the highest of them, and much faster.
  names.some(hasHighUnits) ? names.sort(byCodePoint) : names.sort()

const real = (path: string): string => attempt(path, (place) => realpathSync(place))

const isCircle = (error: unknown): boolean => error instanceof Error && 'code' in error && error.code === 'ELOOP'

/** What lies at a path that its folder lists, links followed; nothing where a link leads nowhere, or what it was is gone by now. */
const look = (path: string): Stats | undefined =>
  attempt(path, (place) => {
    try {
      return statSync(place, { throwIfNoEntry: false })
    } catch (error) {
      if (isCircle(error)) return undefined
      throw error
    }
  })

/** Whether it is a folder; what the folder that lists it doesn't say, as of links, is looked up. */
const isFolder = (path: string, entry: Dirent): boolean =>
  entry.isDirectory() || (!entry.isFile() && look(`${path}/${entry.name}`)?.isDirectory() === true)

/** So many names are asked for at once. */
const AT_ONCE = 256

/** Names of files and, with / behind them, of folders. Read piece by piece: all at once, a million names would be held twice. */
function* listed(folder: string): Generator<void, string[]> {
  const names: string[] = []
  const listing = attempt(folder, (path) => opendirSync(path, { bufferSize: AT_ONCE }))
  const next = () => attempt(folder, () => listing.readSync())
  try {
    for (let entry = next(), read = 1; entry !== null; entry = next(), read++) {
      if (!entry.name.startsWith('.')) names.push(isFolder(folder, entry) ? `${entry.name}/` : entry.name)
      if (read % AT_ONCE === 0) yield
    }
  } finally {
    listing.closeSync()
  }
  return names
}

/** "a.png" comes before "a/x.png": what is compared is the whole path, in which folders end with /. */
function* entriesOf(folder: string): Generator<void, readonly string[]> {
  return sorted(yield* listed(folder))
}

function* walk(root: string, visit: Visit): Generator<void, readonly string[]> {
  const realRoot = real(root)
  const topFolders: string[] = []

  const file = (path: string, folder: string | undefined): void => {
    const stats = look(`${root}/${path}`)
    visit(path, stats?.isFile() === true ? stats.size : NO_FILE, folder)
  }
  /** `seen` holds the real paths of the folders that were visited, so that links can't lead round in a circle. */
  function* below(relative: string, folder: string, seen: Set<string>): Generator<void, void> {
    const path = `${root}/${relative}`
    const place = real(path)
    if (seen.has(place)) return
    seen.add(place)
    for (const [i, name] of (yield* entriesOf(path)).entries()) {
      if (name.endsWith('/')) yield* below(`${relative}/${name.slice(0, -1)}`, folder, seen)
      else file(`${relative}/${name}`, folder)
      if (i % AT_ONCE === 0) yield
    }
  }

  for (const [i, name] of (yield* entriesOf(root)).entries()) {
    if (i % AT_ONCE === 0) yield
    if (!name.endsWith('/')) {
      file(name, undefined)
      continue
    }
    const folder = name.slice(0, -1)
    // A link that leads back to the folder itself is no class of it.
    if (real(`${root}/${folder}`) === realRoot) continue
    topFolders.push(folder)
    // Each class has its own set: a folder that two classes link to belongs to both.
    yield* below(folder, folder, new Set([realRoot]))
  }
  return topFolders.sort(byCodePoint)
}

/**
 * Visits the files of a folder in the order of their paths' code points, and gives the names of its first-level sub-folders, sorted
 * too. Hidden files and folders (whose names begin with a dot) are left out; links are followed, each folder once. A folder that
 * can't be read is a failure that names it. Memory grows with the largest single folder only. Signals
 * get their turn in between.
 */
export const walkFiles = (root: string, visit: Visit): TE.TaskEither<Failure, readonly string[]> =>
  TE.tryCatch(
    () => inTurns(walk(root, visit)),
    (error) => (error instanceof Stop ? error.failure : defect(error)),
  )
