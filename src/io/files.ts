/** Whole files: read, and written so that a reader finds either the old content or the new one. */
import { randomBytes } from 'node:crypto'
import * as fs from 'node:fs/promises'
import { homedir } from 'node:os'
import { dirname, isAbsolute, join } from 'node:path'
import * as TE from 'fp-ts/TaskEither'
import { defect, type Failure, missing } from '../base/failure'

/** What each error of the operating system means to the person who named the path, and what can be done. */
const REASONS: Readonly<Record<string, readonly [reason: string, cure: string]>> = {
  ENOENT: ['there is no such file or folder', 'Check the path; it is taken from the folder in which the command runs.'],
  EACCES: ['permission denied', 'Check the permissions of the path and of the folders above it.'],
  EPERM: ['the operation is not permitted', 'Check the permissions of the path and of the folders above it.'],
  EISDIR: ['it is a folder, not a file', 'Name a file.'],
  ENOTDIR: ['it is not a folder, or a part of its path is not', 'Check the path: all of it but the last name must be folders.'],
  ENOSPC: ['no space is left on the disk', 'Free some space or choose another disk.'],
  EDQUOT: ['the disk quota is used up', 'Free some space or choose another disk.'],
  EROFS: ['the disk can only be read', 'Choose another disk.'],
  EMFILE: ['too many files are open', 'Raise the limit (ulimit -n).'],
  ENFILE: ['too many files are open on this machine', 'Close other programs.'],
  ELOOP: ['its symbolic links lead round in a circle', 'Remove the link.'],
  ENAMETOOLONG: ['the name is too long', 'Choose a shorter name.'],
  ERR_FS_FILE_TOO_LARGE: ['it is larger than 2 GiB', 'Name a smaller file.'],
}

/** The failure behind an error of the file system; `action` says what was tried, e.g. `cannot read the checkpoint x`. */
export const fileFailure =
  (action: string) =>
  (error: unknown): Failure => {
    const code = error instanceof Error && 'code' in error ? String(error.code) : undefined
    if (code === undefined) return defect(error)
    const [reason, cure] = REASONS[code] ?? [(error as Error).message, 'Check the disk and the path.']
    return missing(`${action}: ${reason}`, cure)
  }

/** All bytes of a file. `whatItIs` names its role in the message of a failure, e.g. `the checkpoint`. */
export const readFile = (path: string, whatItIs: string): TE.TaskEither<Failure, Uint8Array> =>
  TE.tryCatch(() => fs.readFile(path), fileFailure(`cannot read ${whatItIs} ${path}`))

/** Makes a folder and those above it where they are missing. */
export const makeFolder = (path: string): TE.TaskEither<Failure, void> =>
  TE.tryCatch(
    async () => {
      await fs.mkdir(path, { recursive: true })
    },
    fileFailure(`cannot make the folder ${path}`),
  )

/** Writes a new file down to the disk, not only to the system's memory. */
const writeThrough = async (path: string, content: Uint8Array | string): Promise<void> => {
  const file = await fs.open(path, 'wx')
  try {
    await file.writeFile(content)
    await file.sync()
  } finally {
    await file.close()
  }
}

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
export const writeAtomically = (path: string, content: Uint8Array | string): TE.TaskEither<Failure, void> =>
  TE.tryCatch(
    async () => {
      const temporary = `${path}.${randomBytes(6).toString('hex')}.tmp`
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

/** What decides where a user's caches lie. */
export interface Surroundings {
  readonly env: Readonly<Record<string, string | undefined>>
  readonly platform: NodeJS.Platform
  readonly home: string
}

/**
 * The folder for data that can be made again: IBOT_CACHE itself where it is set, else `ibot` in XDG_CACHE_HOME or in the
 * system's usual place. The folder need not exist.
 */
export const cacheFolder = (
  { env, platform, home }: Surroundings = { env: process.env, platform: process.platform, home: homedir() },
): string => {
  if (env.IBOT_CACHE) return env.IBOT_CACHE
  // A relative path here is invalid and to be ignored, says the XDG base directory specification.
  if (env.XDG_CACHE_HOME && isAbsolute(env.XDG_CACHE_HOME)) return join(env.XDG_CACHE_HOME, 'ibot')
  if (platform === 'darwin') return join(home, 'Library', 'Caches', 'ibot')
  if (platform === 'win32') return join(env.LOCALAPPDATA || join(home, 'AppData', 'Local'), 'ibot')
  return join(home, '.cache', 'ibot')
}
