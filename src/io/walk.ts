/** All files below a folder, one after the other. Synchronous, as nothing else goes on while a data set is opened. */
import { type Dirent, opendirSync, realpathSync, type Stats, statSync } from 'node:fs'
import * as E from 'fp-ts/Either'
import { defect, type Failure } from '../base/failure'
import { byCodePoint } from './codePoints'
import { fileFailure } from './files'

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
const listed = (folder: string): string[] =>
  attempt(folder, (path) => {
    const names: string[] = []
    const listing = opendirSync(path, { bufferSize: AT_ONCE })
    try {
      for (let entry = listing.readSync(); entry !== null; entry = listing.readSync())
        if (!entry.name.startsWith('.')) names.push(isFolder(path, entry) ? `${entry.name}/` : entry.name)
    } finally {
      listing.closeSync()
    }
    return names
  })

/** "a.png" comes before "a/x.png": what is compared is the whole path, in which folders end with /. */
const entriesOf = (folder: string): readonly string[] => sorted(listed(folder))

const walk = (root: string, visit: Visit): readonly string[] => {
  const realRoot = real(root)
  const topFolders: string[] = []

  const file = (path: string, folder: string | undefined): void => {
    const stats = look(`${root}/${path}`)
    visit(path, stats?.isFile() === true ? stats.size : NO_FILE, folder)
  }
  /** `visited` holds the real paths of the folders that were seen, so that links can't lead round in a circle. */
  const below = (relative: string, folder: string, visited: Set<string>): void => {
    const path = `${root}/${relative}`
    const place = real(path)
    if (visited.has(place)) return
    visited.add(place)
    for (const name of entriesOf(path))
      if (name.endsWith('/')) below(`${relative}/${name.slice(0, -1)}`, folder, visited)
      else file(`${relative}/${name}`, folder)
  }

  for (const name of entriesOf(root)) {
    if (!name.endsWith('/')) {
      file(name, undefined)
      continue
    }
    const folder = name.slice(0, -1)
    // A link that leads back to the folder itself is no class of it.
    if (real(`${root}/${folder}`) === realRoot) continue
    topFolders.push(folder)
    // Each class has its own set: a folder that two classes link to belongs to both.
    below(folder, folder, new Set([realRoot]))
  }
  return topFolders.sort(byCodePoint)
}

/**
 * Visits the files of a folder in the order of their paths' code points, and gives the names of its first-level sub-folders, sorted
 * too. Hidden files and folders (whose names begin with a dot) are left out; links are followed, each folder once. A folder that
 * can't be read is a failure that names it. Memory grows with the largest single folder only.
 */
export const walkFiles = (root: string, visit: Visit): E.Either<Failure, readonly string[]> =>
  E.tryCatch(
    () => walk(root, visit),
    (error) => (error instanceof Stop ? error.failure : defect(error)),
  )
