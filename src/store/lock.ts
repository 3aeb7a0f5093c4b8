/** A run's lock: a file that says which process writes into its folder. */
import { randomBytes } from 'node:crypto'
import { closeSync, openSync, readFileSync, renameSync, rmSync, writeSync } from 'node:fs'
import { hostname } from 'node:os'
import { setTimeout } from 'node:timers/promises'
import * as E from 'fp-ts/Either'
import type * as TE from 'fp-ts/TaskEither'
import { type Failure, missing } from '../base/failure'
import { fileFailure } from '../io/files'
import type { RunFolder } from './folder'

interface Owner {
  readonly pid: number
  readonly host: string
  /** What tells the process from a later one with its number: when it began, since which start of the machine. */
  readonly began: string | undefined
}

/** Linux tells when a process began, in ticks since the machine's start; undefined elsewhere, or where there is no such process. */
const beginningOf = (pid: number): string | undefined => {
  try {
    // The process's name, in brackets, may hold anything; the beginning is the 20th field behind it.
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
      .replace(/^.*\) /s, '')
      .split(' ')
    return `${readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()} ${fields[19]}`
  } catch {
    return undefined
  }
}

const isAlive = (pid: number): boolean => {
  try {
    return process.kill(pid, 0)
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

/** Whether the owner is gone. Of a process on another machine nothing is known. */
const isStale = ({ pid, host, began }: Owner): boolean =>
  host === hostname() && (!isAlive(pid) || (began !== undefined && beginningOf(pid) !== began))

const parsed = (text: string): Owner | undefined => {
  try {
    const { pid, host, began } = JSON.parse(text) as Partial<Owner>
    return typeof pid === 'number' && typeof host === 'string' ? { pid, host, began } : undefined
  } catch {
    return undefined
  }
}

const codeOf = (error: unknown): string | undefined => (error as NodeJS.ErrnoException).code

const contentOf = (path: string): string | undefined => {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined
    throw error
  }
}

/** Makes the file; false where there is one already. */
const made = (path: string, content: string): boolean => {
  try {
    const file = openSync(path, 'wx')
    try {
      writeSync(file, content)
    } finally {
      closeSync(file)
    }
    return true
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false
    throw error
  }
}

/** Takes a lock away whose content was seen to be stale. If another process has done so before and made its own, it gets that back. */
const removeStale = (path: string, seen: string): void => {
  const aside = `${path}.${randomBytes(6).toString('hex')}.tmp`
  try {
    renameSync(path, aside)
    if (contentOf(aside) === seen) rmSync(aside)
    else renameSync(aside, path)
  } catch (error) {
    if (codeOf(error) !== 'ENOENT') throw error
  }
}

/** How long a lock may be without content: its owner is writing it, or was killed before it did. */
const [LOOKS, PAUSE] = [5, 50]

const taken = async (path: string, content: string): Promise<Owner | undefined> => {
  for (let looks = 0; ; ) {
    if (made(path, content)) return undefined
    const seen = contentOf(path)
    if (seen === undefined) continue
    const owner = parsed(seen)
    if (owner !== undefined && !isStale(owner)) return owner
    if (owner !== undefined || ++looks === LOOKS) removeStale(path, seen)
    else await setTimeout(PAUSE)
  }
}

const inUse = ({ path, lock }: RunFolder, { pid, host }: Owner): Failure =>
  host === hostname()
    ? missing(
        pid === process.pid ? `this process writes the run in ${path} already` : `process ${pid} is writing the run in ${path}`,
        `Wait until it ends, or stop it: kill ${pid}`,
      )
    : missing(
        `process ${pid} on ${host} is writing the run in ${path}, as far as can be told from here`,
        `Wait until it ends. If it, or that machine, is gone: rm ${lock}`,
      )

/** Does what is to be done in a run's folder while no other process may. A lock whose process is gone doesn't count. */
export const locked =
  <A>(folder: RunFolder, use: TE.TaskEither<Failure, A>): TE.TaskEither<Failure, A> =>
  async () => {
    const { pid } = process
    const owner: Owner = { pid, host: hostname(), began: beginningOf(pid) }
    const content = `${JSON.stringify({ ...owner, since: new Date().toISOString() })}\n`
    try {
      const other = await taken(folder.lock, content)
      if (other !== undefined) return E.left(inUse(folder, other))
    } catch (error) {
      return E.left(fileFailure(`cannot lock the run in ${folder.path}`)(error))
    }
    try {
      return await use()
    } finally {
      // If even this fails, the lock is known as stale once this process is gone.
      try {
        if (contentOf(folder.lock) === content) rmSync(folder.lock)
      } catch {}
    }
  }
