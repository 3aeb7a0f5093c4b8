/**
 * One process at a time fetches; the others wait for it.
 *
 * The lock saves work, not correctness: whoever fetches does so in a folder of its own, which takes its name at the end.
 */
import { dirname } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import * as E from 'fp-ts/Either'
import * as TE from 'fp-ts/TaskEither'
import { type Failure, missing } from './failure'
import { fileFailure } from './fileFailure'
import { type Lock, type Rhythm, tryLock } from './lock'
import { makeFolders } from './makeFolders'

/** Milliseconds between two looks at a lock that another process holds. */
const LOOK = 500

export interface LockOptions {
  /** Told once that, and for which process, one waits. */
  readonly onWait: (pid: number) => void
  readonly signal?: AbortSignal | undefined
  readonly rhythm?: Rhythm | undefined
}

const acquire = async (path: string, { onWait, signal, rhythm }: LockOptions): Promise<Lock> => {
  await makeFolders(dirname(path))
  for (let told = false; ; told = true) {
    const lock = await tryLock(path, rhythm)
    if (E.isRight(lock)) return lock.right
    if (!told) onWait(lock.left.pid)
    await sleep(LOOK, undefined, { signal })
  }
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
    (lock) => TE.tryCatch(lock.release, failure),
  )
}
