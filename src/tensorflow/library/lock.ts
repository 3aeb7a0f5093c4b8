/**
 * One process at a time: a file that names the process which works. It is touched as long as that process lives, so that
 * one which ended without a word is recognised, on this machine or another that shares the disk.
 *
 * The lock saves work, not correctness: whoever fetches does so in a folder of its own, which takes its name at the end.
 */
import { randomBytes } from 'node:crypto'
import { link, mkdir, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises'
import { hostname } from 'node:os'
import { dirname } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import * as TE from 'fp-ts/TaskEither'
import { type Failure, missing } from '../../base/failure'
import { fileFailure } from '../../base/fileFailure'

/** Milliseconds. */
export interface Rhythm {
  /** Between two looks at a lock that another process holds. */
  readonly look: number
  /** Between two touches of the own lock. */
  readonly touch: number
  /** After so long without a touch, its holder is taken for dead. */
  readonly dead: number
}
const RHYTHM: Rhythm = { look: 500, touch: 5000, dead: 60_000 }

export interface LockOptions {
  /** Told once that, and for which process, one waits. */
  readonly onWait: (pid: number) => void
  readonly signal?: AbortSignal | undefined
  readonly rhythm?: Rhythm
}

interface Holder {
  readonly pid: number
  readonly host: string
  readonly token: string
}

interface Held {
  readonly text: string
  readonly touching: NodeJS.Timeout
}

const code = (error: unknown): string | undefined => (error as NodeJS.ErrnoException | null)?.code

const holderOf = (text: string): Holder | undefined => {
  try {
    const { pid, host, token } = JSON.parse(text) as Partial<Holder>
    return typeof pid === 'number' && typeof host === 'string' && typeof token === 'string' ? { pid, host, token } : undefined
  } catch {
    return undefined
  }
}

const lives = (pid: number): boolean => {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return code(error) === 'EPERM'
  }
}

/** Takes the lock unless it is taken: the file appears with its content, or not at all. */
const take = async (path: string, text: string): Promise<boolean> => {
  const own = `${path}.${randomBytes(6).toString('hex')}`
  await writeFile(own, text)
  try {
    await link(own, path)
    return true
  } catch (error) {
    if (code(error) === 'EEXIST') return false
    // A disk without links.
    if (!['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS'].includes(code(error) ?? '')) throw error
    return await writeFile(path, text, { flag: 'wx' }).then(
      () => true,
      (taken) => {
        if (code(taken) === 'EEXIST') return false
        throw taken
      },
    )
  } finally {
    await rm(own, { force: true })
  }
}

/** What the lock says, and since how many milliseconds it wasn't touched; nothing if it is free. */
const look = async (path: string): Promise<{ readonly text: string; readonly age: number } | undefined> => {
  try {
    const [text, { mtimeMs }] = await Promise.all([readFile(path, 'utf8'), stat(path)])
    return { text, age: Date.now() - mtimeMs }
  } catch (error) {
    if (code(error) === 'ENOENT') return undefined
    throw error
  }
}

/** Removes the lock of a dead process, unless another has just taken its place. */
const remove = async (path: string, text: string): Promise<void> => {
  const aside = `${path}.${randomBytes(6).toString('hex')}`
  try {
    await rename(path, aside)
    if ((await readFile(aside, 'utf8')) !== text) await link(aside, path)
  } catch (error) {
    if (!['ENOENT', 'EEXIST'].includes(code(error) ?? '')) throw error
  } finally {
    await rm(aside, { force: true })
  }
}

const isDead = (text: string, age: number, { dead }: Rhythm): boolean => {
  const holder = holderOf(text)
  return age > dead || (holder !== undefined && holder.host === hostname() && !lives(holder.pid))
}

const acquire = async (path: string, { onWait, signal, rhythm = RHYTHM }: LockOptions): Promise<Held> => {
  const own: Holder = { pid: process.pid, host: hostname(), token: randomBytes(8).toString('hex') }
  const text = JSON.stringify(own)
  await mkdir(dirname(path), { recursive: true })
  for (let told = false; !(await take(path, text)); ) {
    const found = await look(path)
    if (found === undefined) continue
    if (isDead(found.text, found.age, rhythm)) {
      await remove(path, found.text)
      continue
    }
    if (!told) onWait(holderOf(found.text)?.pid ?? 0)
    told = true
    await sleep(rhythm.look, undefined, { signal })
  }
  const touching = setInterval(() => {
    const now = new Date()
    utimes(path, now, now).catch(() => undefined)
  }, rhythm.touch)
  touching.unref()
  return { text, touching }
}

const release = async (path: string, { text, touching }: Held): Promise<void> => {
  clearInterval(touching)
  await remove(path, text)
}

/** Does something while no other process does something under the same lock. `aborted` is what an end while waiting means. */
export const underLock = <A>(
  path: string,
  options: LockOptions,
  aborted: () => Failure,
  work: TE.TaskEither<Failure, A>,
): TE.TaskEither<Failure, A> => {
  const failure = (error: unknown): Failure => {
    const cause = fileFailure(`cannot take the lock ${path}`)(error)
    return cause._tag === 'Missing' ? missing(cause.message, 'Set IBOT_CACHE to a folder that can be written to.') : cause
  }
  return TE.bracket(
    TE.tryCatch(
      () => acquire(path, options),
      (error) => (options.signal?.aborted ? aborted() : failure(error)),
    ),
    () => work,
    (held) => TE.tryCatch(() => release(path, held), failure),
  )
}
