/** Where a member's talking to others goes on: in a thread of its own, or in this one. */
import { join } from 'node:path'
import { Worker } from 'node:worker_threads'
import type { Asked, Post, PostData, Told } from './options'
import { startPost } from './post'

/** Starts a post; `broken` is told where it ended though it shouldn't. */
export type StartPost = (data: PostData, tell: (told: Told) => void, broken: (error: unknown) => void) => Post

/** Run from its sources (by tsx, by vitest), a thread needs what reads TypeScript. */
const fromSources = __filename.endsWith('.ts')
const PROGRAM = join(__dirname, fromSources ? 'thread.ts' : 'thread.js')
const fromSource = (): string =>
  [require.resolve('tsx/cjs'), PROGRAM].map((file) => `require(${JSON.stringify(file)})`).join('\n')

export const inThread: StartPost = (workerData, tell, broken) => {
  const options = { workerData, name: 'cluster' }
  const worker = fromSources ? new Worker(fromSource(), { ...options, eval: true }) : new Worker(PROGRAM, options)
  let over = false
  worker.on('message', (told: Told) => {
    over = told.kind === 'failed' || told.kind === 'left'
    tell(told)
  })
  worker.on('error', broken)
  worker.on('exit', (code) => {
    if (!over) broken(new Error(`the thread that talks to other members ended (${code})`))
  })
  return {
    ask: (asked: Asked) => worker.postMessage(asked),
    close: async () => {
      over = true
      await worker.terminate()
    },
    hold: (yes) => {
      if (yes) worker.ref()
      else worker.unref()
    },
  }
}

/** For where nothing keeps this thread busy. */
export const inThisThread: StartPost = (data, tell) => ({
  ask: startPost(data, tell),
  close: async () => undefined,
  hold: () => undefined,
})
