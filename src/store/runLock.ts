/** A run's lock: one process writes into its folder. */
import * as E from 'fp-ts/Either'
import type * as TE from 'fp-ts/TaskEither'
import { command, pathWord } from '../base/command'
import { type Failure, missing } from '../base/failure'
import { type Holder, isHere } from '../base/holder'
import { type Lock, type Rhythm, tryLock } from '../base/lock'
import { fileFailure } from '../io/files'
import type { RunFolder } from './folder'

const inUse = ({ path, lock }: RunFolder, holder: Holder): Failure => {
  const { pid, host } = holder
  return isHere(holder)
    ? missing(
        pid === process.pid ? `this process writes the run in ${path} already` : `process ${pid} is writing the run in ${path}`,
        `Wait until it ends, or stop it: kill ${pid}`,
      )
    : missing(
        `process ${pid} on ${host} seems to be writing the run in ${path}`,
        `Wait until it ends. If it, or that machine, is gone: ${command('rm', pathWord(lock))}`,
      )
}

const takenOver = ({ path }: RunFolder, holder: Holder | undefined): Failure =>
  missing(
    `${holder === undefined ? 'another process' : `process ${holder.pid} on ${holder.host}`} has taken over the run in ${path}, which stood still here`,
    'Let it go on there: what it has saved is whole.',
  )

/** What ends when nothing is left that could still happen: a worker that never started says nothing. */
const standstill = ({ path }: RunFolder): Failure =>
  missing(
    `the run in ${path} stands still: it waits for something that will never come, a thread that couldn't start say`,
    "Allow more open files ('ulimit -n 1024') and free some memory, or use no workers: '--set train.workers=0'.",
  )

const taken = async (folder: RunFolder, rhythm: Rhythm | undefined): Promise<E.Either<Failure, Lock>> => {
  try {
    return E.mapLeft((holder: Holder) => inUse(folder, holder))(await tryLock(folder.lock, rhythm))
  } catch (error) {
    return E.left(fileFailure(`cannot lock the run in ${folder.path}`)(error))
  }
}

/** Does what is to be done in a run's folder while no other process may. A lock whose process is gone doesn't count. */
export const locked =
  <A>(folder: RunFolder, use: TE.TaskEither<Failure, A>, rhythm?: Rhythm): TE.TaskEither<Failure, A> =>
  async () => {
    const lock = await taken(folder, rhythm)
    if (E.isLeft(lock)) return lock
    let onEnd = (): void => undefined
    const ended = new Promise<E.Either<Failure, never>>((resolve) => {
      onEnd = () => resolve(E.left(standstill(folder)))
    })
    process.once('beforeExit', onEnd)
    try {
      const lost = lock.right.lost.then((holder) => E.left(takenOver(folder, holder)))
      return await Promise.race([use(), lost, ended])
    } finally {
      process.off('beforeExit', onEnd)
      // If even this fails, the lock is known as stale once this process is gone.
      await lock.right.release().catch(() => undefined)
    }
  }
