/** Errors of the file system as failures. */
import { defect, type Failure, missing } from './failure'
import { MORE_FILES } from './handles'

/** The code of our own error for a pipe, a socket or a device. */
export const NOT_REGULAR = 'ENOTREG'

/** What each error of the operating system means to the person who named the path, and what can be done. */
const REASONS: Readonly<Record<string, readonly [reason: string, remedy: string]>> = {
  ENOENT: ['there is no such file or folder', 'Check the path; it is taken from the folder in which the command runs.'],
  EACCES: ['permission denied', 'Check the permissions of the path and of the folders above it.'],
  EPERM: ['the operation is not permitted', 'Check the permissions of the path and of the folders above it.'],
  EISDIR: ['it is a folder, not a file', 'Name a file.'],
  [NOT_REGULAR]: ['it is a pipe, a socket or a device, not a file', 'Name a file.'],
  ENOTDIR: ['it is not a folder, or a part of its path is not', 'Check the path: all of it but the last name must be folders.'],
  ENOSPC: ['no space is left on the disk', 'Free some space or choose another disk.'],
  EDQUOT: ['the disk quota is used up', 'Free some space or choose another disk.'],
  EROFS: ['the disk can only be read', 'Choose another disk.'],
  EMFILE: ['too many files are open', MORE_FILES],
  ENFILE: ['too many files are open on this machine', 'Close other programs.'],
  ELOOP: ['its symbolic links lead round in a circle', 'Remove the link.'],
  ENAMETOOLONG: ['the name is too long', 'Choose a shorter name.'],
  ERR_FS_FILE_TOO_LARGE: ['it is larger than 2 GiB', 'Name a smaller file.'],
}

/** Errors that say nothing of the file. */
const PASSING = new Set(['EMFILE', 'ENFILE', 'ENOMEM'])

/** The code of an error of the operating system: ENOENT. */
export const errorCode = (error: unknown): string | undefined =>
  error instanceof Error && 'code' in error ? String(error.code) : undefined

/** The failure behind an error of the file system; `action` says what was tried, e.g. `cannot read the checkpoint x`. */
export const fileFailure =
  (action: string) =>
  (error: unknown): Failure => {
    const code = errorCode(error)
    if (code === undefined) return defect(error)
    const [reason, remedy] = REASONS[code] ?? [(error as Error).message, 'Check the disk and the path.']
    const message = `${action}: ${reason}`
    return PASSING.has(code) ? { _tag: 'Missing', message, remedy, passing: true } : missing(message, remedy)
  }
