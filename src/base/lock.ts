/** A lock between processes, be they in one container, in several or on several machines: a file that says who holds it. */
import { randomBytes } from 'node:crypto'
import { link, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { Worker } from 'node:worker_threads'
import * as E from 'fp-ts/Either'
import { errorCode } from './fileFailure'
import { type Holder, holderOf, isGone, thisProcess } from './holder'
import { temporaryName } from './temporary'

/** Milliseconds. */
export interface Rhythm {
  /** Between two touches of the file by its holder. */
  readonly touch: number
  /** After so long without a touch a holder of which nothing else is known is taken for gone. */
  readonly dead: number
}
const RHYTHM: Rhythm = { touch: 5000, dead: 60_000 }

/** After so long a lock whose content isn't whole won't become so: its holder was killed, or the power failed. */
const UNWRITTEN = 1000
/** After so long a process that was removing a lock doesn't do so any more. */
const REMOVING = 10_000
const PAUSE = 50

export interface Lock {
  /** Comes, with who holds the lock then, if another took this process for gone: it had stood still for longer than `dead`. */
  readonly lost: Promise<Holder | undefined>
  readonly release: () => Promise<void>
}

/** Undefined where there is no such file. */
const ifThere = async <A>(found: Promise<A>): Promise<A | undefined> => {
  try {
    return await found
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined
    throw error
  }
}

interface Made {
  readonly made: boolean
  /** The time by the clock of the file's disk. */
  readonly now: number
}

const unlessThere = async (making: Promise<void>): Promise<boolean> => {
  try {
    await making
    return true
  } catch (error) {
    if (errorCode(error) === 'EEXIST') return false
    throw error
  }
}

/** What a disk without links says. */
const NO_LINKS = ['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS']

/** Makes a file with its content, or nothing where there is one already. */
const make = async (path: string, text: string): Promise<Made> => {
  const own = temporaryName(path)
  await writeFile(own, text, { flag: 'wx' })
  try {
    const { mtimeMs: now } = await stat(own)
    const linked = link(own, path).catch((error) => {
      if (NO_LINKS.includes(errorCode(error) ?? '')) return writeFile(path, text, { flag: 'wx' })
      throw error
    })
    return { made: await unlessThere(linked), now }
  } catch (error) {
    // The holder has cleared up what is unfinished.
    if (errorCode(error) === 'ENOENT') return { made: false, now: Date.now() }
    throw error
  } finally {
    await rm(own, { force: true })
  }
}

interface Found {
  readonly text: string
  readonly mtimeMs: number
}

const look = (path: string): Promise<Found | undefined> =>
  ifThere(Promise.all([readFile(path, 'utf8'), stat(path)]).then(([text, { mtimeMs }]) => ({ text, mtimeMs })))

/**
 * Removes a lock that was found stale, and no other: of those who want to, one at a time looks again and removes it. A file
 * beside it says that one does; it is named as what is unfinished, and cleared up like that.
 */
const removeStale = async (path: string, { text }: Found): Promise<void> => {
  const guard = `${path}.${'0'.repeat(12)}.tmp`
  const { made, now } = await make(guard, '')
  if (!made) {
    const other = await look(guard)
    if (other !== undefined && Math.abs(now - other.mtimeMs) > REMOVING) await rm(guard, { force: true })
    else await sleep(1)
    return
  }
  try {
    if ((await look(path))?.text === text) await rm(path, { force: true })
  } finally {
    await rm(guard, { force: true })
  }
}

/** Milliseconds since a touch; a time to come was written before the clock was set back. */
const ageOf = ({ mtimeMs }: Found, now: number): number => Math.abs(now - mtimeMs)

const isStale = (found: Found, holder: Holder | undefined, now: number, { dead }: Rhythm): boolean =>
  holder === undefined ? ageOf(found, now) > UNWRITTEN : (isGone(holder) ?? ageOf(found, now) > dead)

/**
 * Touches the file by writing it again, so that its time is that of its disk's clock, which all share. In a thread of its own:
 * a step may keep the main one busy for minutes. Plain JavaScript, as it stands.
 */
const TOUCHING = `
const { closeSync, openSync, readFileSync, writeSync } = require('node:fs')
const { parentPort, workerData: { path, text, touch } } = require('node:worker_threads')
const beat = () => {
  const file = openSync(path, 'r+')
  try {
    const there = readFileSync(file, 'utf8')
    if (there === text) writeSync(file, text, 0)
    else parentPort.postMessage(there)
  } finally {
    closeSync(file)
  }
}
setInterval(() => {
  // A disk that is gone for a while, or a lock that somebody has removed.
  try { beat() } catch {}
}, touch)
`

const held = (path: string, text: string, { touch }: Rhythm): Lock => {
  const worker = new Worker(TOUCHING, { eval: true, workerData: { path, text, touch }, name: 'lock' })
  // Without the thread the lock is still known by the process's number.
  worker.on('error', () => undefined)
  const lost = new Promise<Holder | undefined>((resolve) => worker.once('message', (there: string) => resolve(holderOf(there))))
  // After the listeners, which would make it keep the process alive: one in which nothing else can happen must end.
  worker.unref()
  return {
    lost,
    release: async () => {
      await worker.terminate()
      if ((await look(path))?.text === text) await rm(path, { force: true })
    },
  }
}

/** Takes the lock, or gives who holds it. The folder must exist. Errors are those of the file system. */
export const tryLock = async (path: string, rhythm: Rhythm = RHYTHM): Promise<E.Either<Holder, Lock>> => {
  const token = randomBytes(8).toString('hex')
  const text = `${JSON.stringify({ ...thisProcess(), since: new Date().toISOString(), token })}\n`
  for (;;) {
    const { made, now } = await make(path, text)
    if (made) return E.right(held(path, text, rhythm))
    const found = await look(path)
    if (found === undefined) continue
    const holder = holderOf(found.text)
    if (isStale(found, holder, now, rhythm)) await removeStale(path, found)
    else if (holder !== undefined) return E.left(holder)
    else await sleep(PAUSE)
  }
}
