/**
 * A process that reads Parquet files for another one, whose number it is given: a file that hangs or breaks the library ends this process only. Each message that
 * comes is a task; what is found goes back in messages, the last of which ends the task.
 */
import { Worker } from 'node:worker_threads'
import { type Contents, readColumn, readContents, unpackColumn } from './parquetReading'

export type Task =
  | { readonly kind: 'contents'; readonly path: string }
  | { readonly kind: 'column'; readonly path: string; readonly column: string }
  | {
      readonly kind: 'unpack'
      readonly path: string
      readonly column: string
      readonly inMapping: boolean
      readonly target: string
    }

/** Errors of the file system keep what they are told by. */
export interface TaskError {
  readonly message: string
  readonly code?: string | undefined
  readonly syscall?: string | undefined
}

export type Answer =
  /** It can take tasks. */
  | { readonly kind: 'ready' }
  /** A step of so many bytes begins. */
  | { readonly kind: 'step'; readonly bytes: number }
  | { readonly kind: 'contents'; readonly contents: Contents }
  | { readonly kind: 'values'; readonly values: readonly unknown[] }
  | { readonly kind: 'done' }
  | { readonly kind: 'error'; readonly error: TaskError }
  /** The library has let an error go unhandled; the process ends. */
  | { readonly kind: 'broken'; readonly error: TaskError }

const tell = (answer: Answer, then: () => void = () => undefined): void => {
  process.send!(answer, then)
}

const step = (bytes: number): void => tell({ kind: 'step', bytes })

const perform = async (task: Task): Promise<void> => {
  switch (task.kind) {
    case 'contents':
      return tell({ kind: 'contents', contents: await readContents(task.path) })
    case 'column':
      return readColumn(task.path, task.column, (values) => tell({ kind: 'values', values }), step)
    case 'unpack':
      return unpackColumn(task.path, task.column, task.inMapping, task.target, step)
  }
}

const errorOf = (error: unknown): TaskError => {
  const { message, code, syscall } = error as NodeJS.ErrnoException
  // The library has taken for granted what isn't there.
  if (syscall === undefined && (error instanceof TypeError || error instanceof RangeError))
    return { message: 'what it says of its contents is damaged' }
  return { message: typeof message === 'string' ? message : String(error), code, syscall }
}

/**
 * Ends this process when the one that asks is gone, though a file may keep this one too busy to hear of it. In a thread of its own;
 * plain JavaScript, as it stands.
 */
const WATCHING = `
const { workerData } = require('node:worker_threads')
setInterval(() => {
  if (process.ppid !== workerData) process.kill(process.pid, 'SIGKILL')
}, 500)
`
new Worker(WATCHING, { eval: true, workerData: Number(process.argv[2]), execArgv: [], name: 'watch' })
  // Where no thread can be had, the end of the channel is heard between two steps.
  .on('error', () => undefined)
  .unref()

const breakOff = (error: unknown): void => tell({ kind: 'broken', error: errorOf(error) }, () => process.exit(1))
process.on('unhandledRejection', breakOff)
process.on('uncaughtException', breakOff)
// A signal from the terminal is for the process that asks; this one ends with it.
process.on('SIGINT', () => undefined)
process.on('disconnect', () => process.exit())
process.on('message', (task: Task) => {
  perform(task).then(
    () => tell({ kind: 'done' }),
    (error) => tell({ kind: 'error', error: errorOf(error) }),
  )
})
tell({ kind: 'ready' })
