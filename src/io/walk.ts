/** All files below a folder. Synchronous, as nothing else goes on while a data set is opened. */
import { readdirSync, realpathSync, type Stats, statSync } from 'node:fs'
import { join } from 'node:path'
import * as E from 'fp-ts/Either'
import { defect, type Failure, missing } from '../base/failure'
import { byCodePoint } from './codePoints'
import { fileFailure } from './files'

export interface Found {
  /** Relative to the folder, with / between the names. */
  readonly path: string
  /** In bytes. */
  readonly size: number
}

export interface Listing {
  /** The names of the first-level sub-folders, sorted by code points. */
  readonly folders: readonly string[]
  /** Sorted by path, by code points. */
  readonly files: readonly Found[]
}

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
    throw new Stop(fileFailure(`cannot read ${path}`)(error))
  }
}

const visible = (folder: string): readonly string[] =>
  attempt(folder, (path) => readdirSync(path)).filter((name) => !name.startsWith('.'))

/** What lies at a path that its folder lists, links followed. */
const look = (path: string): Stats => {
  const stats = attempt(path, (place) => statSync(place, { throwIfNoEntry: false }))
  if (stats === undefined)
    throw new Stop(missing(`cannot read ${path}: it is a symbolic link that leads nowhere`, 'Remove the link or mend it.'))
  return stats
}

/** Adds all files below `relative`. `visited` holds the real paths of the folders that were seen, so that links can't lead round in a circle. */
const walk = (root: string, relative: string, visited: Set<string>, files: Found[]): void => {
  const folder = join(root, relative)
  const real = attempt(folder, (path) => realpathSync(path))
  if (visited.has(real)) return
  visited.add(real)
  for (const name of visible(folder)) {
    const path = `${relative}/${name}`
    const stats = look(join(root, path))
    if (stats.isDirectory()) walk(root, path, visited, files)
    else if (stats.isFile()) files.push({ path, size: stats.size })
  }
}

const list = (root: string): Listing => {
  const folders: string[] = []
  const files: Found[] = []
  const realRoot = attempt(root, (path) => realpathSync(path))
  for (const name of visible(root)) {
    const place = join(root, name)
    const stats = look(place)
    if (stats.isFile()) files.push({ path: name, size: stats.size })
    // A link that leads back to the folder itself is no class of it.
    if (!stats.isDirectory() || attempt(place, (path) => realpathSync(path)) === realRoot) continue
    folders.push(name)
    // Each class has its own set: a folder that two classes link to belongs to both.
    walk(root, name, new Set([realRoot]), files)
  }
  return { folders: folders.sort(byCodePoint), files: files.sort((a, b) => byCodePoint(a.path, b.path)) }
}

/**
 * Lists a folder. Hidden files and folders (whose names begin with a dot) are left out; links are followed, each folder
 * once. A folder that can't be read, or a link that leads nowhere, is a failure that names it.
 */
export const listFiles = (root: string): E.Either<Failure, Listing> =>
  E.tryCatch(
    () => list(root),
    (error) => (error instanceof Stop ? error.failure : defect(error)),
  )
