/** The store by which processes meet, as functions that a plugin calls from whichever of its threads. */
import { join } from 'node:path'
import { performance } from 'node:perf_hooks'
import { MessageChannel, Worker } from 'node:worker_threads'
import type { KeyValueStore } from '../base/keyValueStore'
import type { Address } from './layout'
import type { Answer, Question, StoreFunctions, StoreThread } from './storeQuestion'

/** Run from its sources (by tsx, by vitest), a thread needs what reads TypeScript. */
const fromSources = __filename.endsWith('.ts')
/** The program of a thread. */
const program = (): string =>
  [...(fromSources ? [require.resolve('tsx/cjs')] : []), join(__dirname, `storeThread.${fromSources ? 'ts' : 'js'}`)]
    .map((file) => `require(${JSON.stringify(file)})`)
    .join('\n')

/** The store's answer to a question of a plugin's; nothing is thrown. */
export const answerOf = async (store: KeyValueStore, question: Question): Promise<Answer> => {
  const began = performance.now()
  try {
    if (question.ask === 'get') return { value: await store.get(question.key, question.timeoutMs) }
    if (question.ask === 'put') {
      await store.put(question.key, question.value)
      return { value: undefined }
    }
    const value = await store.tryGet(question.key)
    return value === undefined ? { code: 'not found', message: `nobody has given ${question.key} yet` } : { value }
  } catch (error) {
    const isLate = question.ask === 'get' && performance.now() - began >= question.timeoutMs
    return { code: isLate ? 'deadline exceeded' : 'unavailable', message: error instanceof Error ? error.message : String(error) }
  }
}

interface Thread {
  readonly functions: StoreFunctions
  readonly close: () => void
}

/** Starts a thread that answers some kinds of questions, one after the other. It keeps no process alive. */
const startThread = async (store: KeyValueStore, minor: number, asks: readonly Question['ask'][]): Promise<Thread> => {
  const { port1, port2 } = new MessageChannel()
  const signal = new Int32Array(new SharedArrayBuffer(4))
  const given: StoreThread = { minor, asks, port: port2, signal }
  const worker = new Worker(program(), {
    eval: true,
    workerData: given,
    transferList: [port2],
    name: `store ${asks.join(' ')}`,
  })
  port1.on('message', (question: Question) => {
    void answerOf(store, question).then((answer) => {
      port1.postMessage(answer)
      Atomics.store(signal, 0, 1)
      Atomics.notify(signal, 0)
    })
  })
  const functions = await new Promise<StoreFunctions>((done, fail) => {
    worker.once('message', done)
    worker.once('error', fail)
  })
  worker.unref()
  port1.unref()
  return {
    functions,
    close: () => {
      port1.close()
      void worker.terminate()
    },
  }
}

/** The fields of Client_Create's arguments by which a plugin reaches a store, until it is closed. */
export interface StoreCallbacks {
  readonly given: Readonly<Record<'kv_get_callback' | 'kv_try_get_callback' | 'kv_put_callback', Address>>
  /** No function may be called any more. */
  readonly close: () => void
}

/** `minor` is the version of the API that the plugin speaks. */
export const storeCallbacks = async (store: KeyValueStore, minor: number): Promise<StoreCallbacks> => {
  // Who waits for another process's value must not keep this one's from being given.
  const threads = await Promise.all([startThread(store, minor, ['get']), startThread(store, minor, ['tryGet', 'put'])])
  const functions: StoreFunctions = Object.assign({}, ...threads.map(({ functions }) => functions))
  const at = (ask: Question['ask']): Address => functions[ask] as Address
  return {
    given: { kv_get_callback: at('get'), kv_try_get_callback: at('tryGet'), kv_put_callback: at('put') },
    close: () => {
      for (const { close } of threads) close()
    },
  }
}
