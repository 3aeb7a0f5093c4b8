/**
 * Folders that are made with those above them. Node's own `mkdir(path, { recursive: true })` never ends where a folder says
 * that it has no such entry and lets none be made, as /proc does (Node 20).
 */
import { mkdir, stat } from 'node:fs/promises'
import { dirname } from 'node:path'

const codeOf = (error: unknown): string | undefined => (error as NodeJS.ErrnoException).code

/** Whether a folder is there already; the error of making it tells what else is. */
const isThere = (path: string): Promise<boolean> =>
  stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  )

const makeOne = async (path: string): Promise<void> => {
  try {
    await mkdir(path)
  } catch (error) {
    // A system may refuse for other reasons what is there (a root that is read-only, say).
    if (codeOf(error) === 'ENOENT' || !(await isThere(path))) throw error
  }
}

/** Makes a folder and those above it where they are missing; rejects with the error of the first that can't be made. */
export const makeFolders = async (path: string): Promise<void> => {
  try {
    await makeOne(path)
  } catch (error) {
    const above = dirname(path)
    if (codeOf(error) !== 'ENOENT' || above === path) throw error
    // One that is there by now may have been made by somebody else in between, so that the second try succeeds.
    if (!(await isThere(above))) await makeFolders(above)
    await makeOne(path)
  }
}
