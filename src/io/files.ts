/** Whole files: read, and written so that a reader finds either the old content or the new one. */
import * as fs from 'node:fs/promises'
import { dirname, join } from 'node:path'
import * as TE from 'fp-ts/TaskEither'
import type { Failure } from '../base/failure'
import { fileFailure } from '../base/fileFailure'
import { makeFolders } from '../base/makeFolders'
import { meantBy, temporaryName } from '../base/temporary'
import { statRegular } from './regular'

export { cacheFolder, type Surroundings } from '../base/cacheFolder'
export { fileFailure }

/** All bytes of a file. `whatItIs` names its role in the message of a failure, e.g. `the checkpoint`. */
export const readFile = (path: string, whatItIs: string): TE.TaskEither<Failure, Uint8Array> =>
  TE.tryCatch(
    async () => {
      const stats = await statRegular(path)
      // A file without a length may give bytes all the same, or wait for some: those of /proc.
      return stats.isFile() && stats.size === 0 ? new Uint8Array() : fs.readFile(path)
    },
    fileFailure(`cannot read ${whatItIs} ${path}`),
  )

/** Makes a folder and those above it where they are missing. */
export const makeFolder = (path: string): TE.TaskEither<Failure, void> =>
  TE.tryCatch(
    async () => {
      await makeFolders(path)
    },
    fileFailure(`cannot make the folder ${path}`),
  )

/** What a file is to hold: a text, bytes, bytes in parts, or such as come one after the other. */
export type Content = string | Uint8Array | readonly Uint8Array[] | AsyncIterable<Uint8Array>

const partsOf = (content: Content) => (typeof content === 'string' || content instanceof Uint8Array ? [content] : content)

/** Writes a new file down to the disk, not only to the system's memory. */
const writeThrough = async (path: string, content: Content): Promise<void> => {
  const file = await fs.open(path, 'wx')
  try {
    // Each goes on where the one before ended.
    for await (const part of partsOf(content)) await file.writeFile(part)
    await file.sync()
  } finally {
    await file.close()
  }
}

/** Removes from a folder what a process left that was killed while it wrote a file whose name `isOurs` knows. */
export const removeUnfinished = (folder: string, isOurs: (name: string) => boolean): TE.TaskEither<Failure, void> =>
  TE.tryCatch(
    async () => {
      for (const name of await fs.readdir(folder)) {
        const meant = meantBy(name)
        if (meant !== undefined && isOurs(meant)) await fs.rm(join(folder, name), { force: true })
      }
    },
    fileFailure(`cannot tidy up ${folder}`),
  )

/** Makes a rename last through a loss of power. */
const syncFolder = async (path: string): Promise<void> => {
  const folder = await fs.open(path, 'r')
  try {
    await folder.sync()
  } finally {
    await folder.close()
  }
}

/**
 * Writes a file such that whoever reads the path, even after a loss of power, finds the old content or all of the new
 * one. The folder must exist. If it fails, the old file is as it was and nothing is left beside it.
 */
export const writeAtomically = (path: string, content: Content): TE.TaskEither<Failure, void> =>
  TE.tryCatch(
    async () => {
      const temporary = temporaryName(path)
      try {
        await writeThrough(temporary, content)
        await fs.rename(temporary, path)
      } catch (error) {
        // The first error is the one to report; that the temporary file can't be removed either tells nothing more.
        await fs.rm(temporary, { force: true }).catch(() => undefined)
        throw error
      }
      // The file is in place. Not every system can sync a folder (Windows can't open one), and none needs to be told so.
      await syncFolder(dirname(path)).catch(() => undefined)
    },
    fileFailure(`cannot write ${path}`),
  )
