/**
 * Work on a shelf of the cache, by one process at a time: what isn't finished lies in a folder whose name tells so, and what is
 * takes its place by a rename.
 */
import { randomBytes } from 'node:crypto'
import { rmSync } from 'node:fs'
import { mkdir, readdir, rename, rm, statfs } from 'node:fs/promises'
import { join } from 'node:path'
import * as TE from 'fp-ts/TaskEither'
import { attempt } from './attempt'
import type { Failure } from './failure'
import { fileFailure } from './fileFailure'

/** Work that isn't finished has a name of this kind, on the shelf. */
const UNFINISHED = 'fetch-'

/** Free bytes of the disk that holds a folder. */
export const freeBytes = async (folder: string): Promise<number> => {
  const { bavail, bsize } = await statfs(folder)
  return bavail * bsize
}

/** Removes what processes that ended too early have left; under the shelf's lock, nobody else works there. */
export const cleanShelf = (shelf: string): TE.TaskEither<Failure, void> =>
  TE.tryCatch(
    async () => {
      const left = (await readdir(shelf)).filter((name) => name.startsWith(UNFINISHED))
      for (const name of left) await rm(join(shelf, name), { recursive: true, force: true })
    },
    fileFailure(`cannot clean ${shelf}`),
  )

interface WorkFolder {
  readonly path: string
  /** Removes it, whatever is in it. That it can't be removed tells nothing more, and the next one cleans up. */
  readonly remove: () => Promise<void>
}

const makeWorkFolder = async (path: string): Promise<WorkFolder> => {
  await mkdir(path)
  const removeNow = (): void => void attempt(() => rmSync(path, { recursive: true, force: true }))
  // A second Ctrl-C leaves no time for more.
  process.on('exit', removeNow)
  return {
    path,
    remove: async () => {
      await rm(path, { recursive: true, force: true }).catch(() => undefined)
      process.off('exit', removeNow)
    },
  }
}

/** Does something in a folder of its own on the shelf, of which nothing stays there. */
export const inWorkFolder = <A>(
  shelf: string,
  work: (folder: string) => TE.TaskEither<Failure, A>,
): TE.TaskEither<Failure, A> => {
  const path = join(shelf, `${UNFINISHED}${process.pid}-${randomBytes(4).toString('hex')}`)
  return TE.bracket(
    TE.tryCatch(() => makeWorkFolder(path), fileFailure(`cannot make the folder ${path}`)),
    (folder) => work(folder.path),
    (folder) => TE.fromTask(folder.remove),
  )
}

/** Gives a finished folder its name. What may be there already isn't whole. */
export const moveInto = (place: string, folder: string): TE.TaskEither<Failure, void> =>
  TE.tryCatch(
    async () => {
      await rm(place, { recursive: true, force: true })
      await rename(folder, place)
    },
    fileFailure(`cannot make ${place}`),
  )
