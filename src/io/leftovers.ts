/** Large files that a process was writing when it was killed. Beside each lies a note of who writes it. */
import * as fs from 'node:fs/promises'
import { join } from 'node:path'
import { holderOf, isGone, thisProcess } from '../base/holder'
import { meantBy, temporaryName } from '../base/temporary'

const noteOf = (temporary: string): string => `${temporary}.by`

/** In milliseconds. Whoever writes touches the file all the time; of one that nothing is known of, this tells whether it is still written. */
const ABANDONED = 600_000

/** Has a file written beside the target first, so that whoever finds the target finds all of it. */
export const makeWhole = async (target: string, write: (path: string) => Promise<void>): Promise<void> => {
  const temporary = temporaryName(target)
  const remove = async (): Promise<void> => {
    await fs.rm(temporary, { force: true })
    await fs.rm(noteOf(temporary), { force: true })
  }
  try {
    await fs.writeFile(noteOf(temporary), JSON.stringify(thisProcess()))
    await write(temporary)
    await fs.rename(temporary, target)
    await fs.rm(noteOf(temporary), { force: true })
  } catch (error) {
    // The first error is the one to report; that the temporary file can't be removed either tells nothing more.
    await remove().catch(() => undefined)
    throw error
  }
}

const isAbandoned = async (temporary: string): Promise<boolean> => {
  const holder = holderOf(await fs.readFile(noteOf(temporary), 'utf8').catch(() => ''))
  const gone = holder && isGone(holder)
  if (gone !== undefined) return gone
  return Date.now() - (await fs.stat(temporary)).mtimeMs > ABANDONED
}

/** Removes from a folder what killed processes left of their files; what can't be removed stays. */
export const removeLeftovers = async (folder: string): Promise<void> => {
  const names = new Set(await fs.readdir(folder).catch((): string[] => []))
  for (const name of names) {
    const path = join(folder, name)
    try {
      if (meantBy(name) !== undefined && (await isAbandoned(path))) {
        await fs.rm(path, { force: true })
        await fs.rm(noteOf(path), { force: true })
      }
      // A note whose file was never begun, or is in its place.
      const noted = name.endsWith('.by') ? name.slice(0, -3) : undefined
      if (noted !== undefined && meantBy(noted) !== undefined && !names.has(noted)) {
        const holder = holderOf(await fs.readFile(path, 'utf8'))
        if (holder === undefined || isGone(holder) !== false) await fs.rm(path, { force: true })
      }
    } catch {
      // Another process has removed it, or may.
    }
  }
}
