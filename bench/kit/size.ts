/** How large a kit is. */
import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { glob } from 'tinyglobby'

/** Bytes that a kit may have: it is sent as a whole, and often. */
export const LIMIT = 60e6

export const sizeOf = async (folder: string): Promise<number> => {
  const files = await glob('**', { cwd: folder, dot: true })
  const sizes = await Promise.all(files.map(async (file) => (await stat(join(folder, file))).size))
  return sizes.reduce((sum, size) => sum + size, 0)
}
