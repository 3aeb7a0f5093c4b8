/** Parquet files read by another process, which is given up where it takes longer than what it reads explains. */
import { type ChildProcess, fork } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Answer, Task, TaskError } from './parquetChild'

/** Run from its sources (by tsx, by vitest), the process needs what reads TypeScript. */
const fromSources = __filename.endsWith('.ts')
const PROGRAM = join(__dirname, fromSources ? 'parquetChild.ts' : 'parquetChild.js')

/** In milliseconds: how long a step may compute, and how much longer for each byte that it reads (2 MB a second). */
const LONGEST_STEP = 2500
const PER_BYTE = 1 / 2000
/** How long it may take to start, or to wait for its turn or for a disk, on a machine that has much else to do. */
const LONGEST_WAIT = 60_000
/** In megabytes, beside the pictures themselves. */
const MEMORY = 512
/** How long a process is kept for the next task, in milliseconds. */
const KEPT = 1000

/** Why a task wasn't done: what the library or the file system says, or that it was given up. */
export class TaskFailed extends Error {
  readonly code: string | undefined
  readonly syscall: string | undefined
  constructor({ message, code, syscall }: TaskError) {
    super(message)
    this.code = code
    this.syscall = syscall
  }
}

const failed = (message: string): TaskFailed => new TaskFailed({ message })

/** Takes longer, or more memory, than it can: trying again wouldn't help. */
class TooMuch extends TaskFailed {}

/** Linux counts a process's time in hundredths of a second. */
const TICK = 10

/** How long a process has computed, in milliseconds; undefined where the system doesn't tell. */
const computed = (pid: number | undefined): number | undefined => {
  try {
    // The name, in brackets, may hold anything; the times are the 12th and 13th field behind it.
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
      .replace(/^.*\) /s, '')
      .split(' ')
    return TICK * (Number(fields[11]) + Number(fields[12]))
  } catch {
    return undefined
  }
}

const startChild = (): ChildProcess =>
  fork(PROGRAM, [`${process.pid}`], {
    serialization: 'advanced',
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    execArgv: [`--max-old-space-size=${MEMORY}`, ...(fromSources ? ['--import', require.resolve('tsx')] : [])],
  })

/** What comes of an answer: that it is the last one, or how long the next may take. */
type Next = { readonly last: true } | { readonly within: number }

/** Hears what a process says until an answer is the last one. One that ends, breaks or takes too long rejects, and is killed. */
const hear = (child: ChildProcess, limit: number, take: (answer: Answer) => Next): Promise<void> =>
  new Promise((resolve, reject) => {
    const stop = (): void => {
      clearTimeout(timer)
      child.off('message', onMessage).off('exit', onExit).off('error', giveUp)
    }
    const giveUp = (error: Error): void => {
      stop()
      child.kill('SIGKILL')
      reject(error)
    }
    /** A machine that is busy may give a process little time, or a disk keep it waiting. */
    const wait = (time: number): NodeJS.Timeout => {
      const [began, before] = [performance.now(), computed(child.pid)]
      const look = (): void => {
        const now = computed(child.pid)
        const waits = before !== undefined && now !== undefined && now - before < 0.8 * time
        if (waits && performance.now() - began < Math.max(time, LONGEST_WAIT)) timer = setTimeout(look, time / 4)
        else giveUp(new TooMuch({ message: 'it takes longer to read than its size explains' }))
      }
      return setTimeout(look, time)
    }
    const onExit = (_: unknown, signal: string | null): void =>
      giveUp(
        signal === null
          ? failed('it ended the process that read it')
          : new TooMuch({ message: 'it takes more memory to read than its size explains' }),
      )
    const onMessage = (answer: Answer): void => {
      if (answer.kind === 'broken') {
        giveUp(new TaskFailed(answer.error))
        return
      }
      const next = take(answer)
      if ('last' in next) {
        stop()
        resolve()
        return
      }
      clearTimeout(timer)
      timer = wait(next.within)
    }
    let timer = wait(limit)
    child.on('message', onMessage).on('exit', onExit).on('error', giveUp)
  })

/** Processes, each for one task at a time; one that is done waits a moment for the next. */
const readers = () => {
  const waiting = new Map<ChildProcess, NodeJS.Timeout>()

  const started = async (): Promise<ChildProcess> => {
    const child = startChild()
    await hear(child, LONGEST_WAIT, ({ kind }) => (kind === 'ready' ? { last: true } : { within: LONGEST_WAIT }))
    return child
  }
  const taken = (): ChildProcess | undefined => {
    for (const [child, timer] of waiting) {
      clearTimeout(timer)
      waiting.delete(child)
      if (!child.connected) continue
      child.ref()
      child.channel?.ref()
      return child
    }
    return undefined
  }
  const keep = (child: ChildProcess): void => {
    // It doesn't keep this process from ending, and ends with it.
    child.unref()
    child.channel?.unref()
    const timer = setTimeout(() => {
      waiting.delete(child)
      if (child.connected) child.disconnect()
    }, KEPT)
    timer.unref()
    waiting.set(child, timer)
  }

  /** Has a process do a task, and gives its answers; rejects if it breaks. */
  const perform = async (child: ChildProcess, task: Task): Promise<readonly Answer[]> => {
    const answers: Answer[] = []
    const heard = hear(child, LONGEST_STEP, (answer) => {
      if (answer.kind === 'step') return { within: LONGEST_STEP + answer.bytes * PER_BYTE }
      answers.push(answer)
      return answer.kind === 'error' || answer.kind === 'done' ? { last: true } : { within: LONGEST_STEP }
    })
    child.send(task)
    await heard
    keep(child)
    return answers
  }
  /** What a task before has left undone may break a process that is used again: then there is no answer. */
  const again = async (task: Task): Promise<readonly Answer[] | undefined> => {
    const used = taken()
    return (
      used &&
      perform(used, task).catch((error) => {
        if (error instanceof TooMuch) throw error
        return undefined
      })
    )
  }

  return async (task: Task): Promise<readonly Answer[]> => {
    const answers = (await again(task)) ?? (await perform(await started(), task))
    const error = answers.find(({ kind }) => kind === 'error')
    if (error?.kind === 'error') throw new TaskFailed(error.error)
    return answers
  }
}

/** Has a task done by another process, and gives what it answers. Rejects with `TaskFailed`. */
export const askParquet = readers()
