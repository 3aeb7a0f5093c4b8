/** Batches made by threads beside this one. Pixels lie in memory that all of them share; messages say only where. */
import { join } from 'node:path'
import * as E from 'fp-ts/Either'
import { type Failure, missing } from '../base/failure'
import { isTooManyFiles } from '../base/handles'
import { threadCount } from '../io/machine'
import type { Training } from '../ops/slots'
import type { Fill } from './batches'
import type { BatchPlan } from './batchPlan'
import type { Task } from './worker'

/** More than that many wait for each other's memory. */
const MOST = 8

/** How many workers `workers` asks for: by default one core is left to this thread. */
export const workerCount = (workers: Training['workers'], cores = threadCount()): number =>
  workers === 'auto' ? Math.min(MOST, cores - 1) : workers

/** So many workers may die one after the other without one that does its task. */
const DEATHS = 16

/** Run from its sources (by tsx, by vitest), a worker needs what reads TypeScript. */
const fromSources = __filename.endsWith('.ts')
/** The program of a worker. */
export const WORKER = join(__dirname, fromSources ? 'worker.ts' : 'worker.js')

export interface Workers {
  readonly fill: Fill
  /** Ends the threads, whatever they do. */
  readonly close: () => Promise<void>
}

/** Starts workers that follow a plan. One that dies is replaced, which `notify` hears of, and its task given to another once. */
export const startWorkers = async (
  plan: BatchPlan,
  count: number,
  notify: (message: string) => void,
  program = WORKER,
): Promise<Workers> => {
  const { Piscina } = await import('piscina')
  const pool = new Piscina<Task, Awaited<ReturnType<Fill>>>({
    filename: program,
    name: 'work',
    minThreads: count,
    maxThreads: count,
    workerData: plan,
    ...(fromSources ? { execArgv: ['--import', require.resolve('tsx')] } : {}),
  })
  // One that dies between two tasks is replaced, and nothing is lost. If none can be started, no task would ever end.
  let inARow = 0
  let giveUp: (error: unknown) => void = () => undefined
  const unstartable = new Promise<never>((_, reject) => {
    giveUp = reject
  })
  unstartable.catch(() => undefined)
  pool.on('error', (error) => {
    inARow++
    if (inARow > DEATHS) giveUp(error)
  })
  let closed = false
  const attempt = async (task: Task): Promise<E.Either<unknown, Awaited<ReturnType<Fill>>>> => {
    try {
      const done = await Promise.race([pool.run(task), unstartable])
      inARow = 0
      return E.right(done)
    } catch (error) {
      return E.left(error)
    }
  }
  return {
    fill: async (part, memory) => {
      const task = { part, memory }
      const first = await attempt(task)
      if (E.isRight(first)) return first.right
      if (!closed) notify(`a worker died (${reason(first.left)}); another one takes its place`)
      const second = await attempt(task)
      return E.isRight(second) ? second.right : E.left(died(second.left))
    },
    close: async () => {
      closed = true
      await pool.destroy()
    },
  }
}

const reason = (error: unknown): string => (error instanceof Error ? error.message : String(error))

const died = (error: unknown): Failure =>
  missing(
    `a worker died twice while it made the same pictures (${reason(error)})`,
    `${isTooManyFiles(error) ? 'Raise the limit (ulimit -n)' : 'Free some memory'}, or use fewer workers: '--set train.workers=1', or 0 for none.`,
  )
