/** Pipes, sockets and devices, which may hold no end of bytes or none for ever: only files are read. */
import type { Stats } from 'node:fs'
import { type FileHandle, open, stat } from 'node:fs/promises'
import { NOT_REGULAR } from '../base/fileFailure'

/** The error of the file system for something that is no file, as those of Node are. */
const notRegular = (path: string): NodeJS.ErrnoException =>
  Object.assign(new Error(`${path} is no regular file`), { code: NOT_REGULAR, syscall: 'stat' })

/** What a file is; rejects what is neither a file nor a folder. Links are followed. */
export const statRegular = async (path: string): Promise<Stats> => {
  const stats = await stat(path)
  if (!stats.isFile() && !stats.isDirectory()) throw notRegular(path)
  return stats
}

/** Opens a file to be read. */
export const openRegular = async (path: string): Promise<FileHandle> => {
  await statRegular(path)
  return open(path, 'r')
}
