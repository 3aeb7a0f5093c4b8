/**
 * Calls of native functions on threads of their own, so that JavaScript goes on meanwhile.
 *
 * koffi can call a function on a thread of Node's pool, but does so on a stack of 128 KiB, and its setting can't be changed once a
 * library is loaded; a compiler, which goes down into programs by recursion, would take the process down with it. So the
 * system's own threads do the work, and koffi only waits for their ends.
 */
import { koffi } from '../base/foreign'
import { XlaError } from './error'
import type { Address } from './layout'
import type { Bytes } from './memory'

/** As much stack as large programs need. What isn't touched takes no memory. */
const STACK = 2 ** 24

/**
 * So many calls run at once, and the others wait for their turn: each takes a thread of Node's pool, which has four, for as long as it
 * lasts, and files are read by the same pool.
 */
const AT_ONCE = 3

/** No system's pthread_attr_t is longer. */
const ATTRIBUTES = 128

interface Threads {
  readonly begin: (function_: Address, argument: Bytes) => bigint
  /** Waits for a thread's end; gives what its function has given. */
  readonly end: (thread: bigint) => Promise<Address>
}

const bind = (): Threads => {
  const system = koffi.load(null)
  const init = system.func('int pthread_attr_init(void *)')
  const setStack = system.func('int pthread_attr_setstacksize(void *, size_t)')
  const create = system.func('int pthread_create(void *, void *, uint64_t, void *)')
  const join = system.func('int pthread_join(uint64_t, void *)')
  const attributes = Buffer.alloc(ATTRIBUTES)
  init(attributes)
  setStack(attributes, STACK)
  const check = (what: string, code: number): void => {
    if (code !== 0) throw new XlaError('resource exhausted', `the system could not ${what} a thread (error ${code})`)
  }
  return {
    begin: (function_, argument) => {
      const thread = new BigUint64Array(1)
      check('begin', create(thread, attributes, function_, argument))
      return thread[0]!
    },
    end: async (thread) => {
      const given = new BigUint64Array(1)
      const code = await new Promise<number>((done, fail) =>
        join.async(thread, given, (error: unknown, result: number) =>
          error === null || error === undefined ? done(result) : fail(error),
        ),
      )
      check('end', code)
      return given[0] as Address
    },
  }
}

let threads: Threads | undefined
let running = 0
const waiting: (() => void)[] = []

/** Calls a function that takes an address and gives one. The caller keeps `argument` until that has ended. */
export const onThread = async (function_: Address, argument: Bytes): Promise<Address> => {
  threads ??= bind()
  if (running < AT_ONCE) running++
  else await new Promise<void>((turn) => waiting.push(turn))
  try {
    return await threads.end(threads.begin(function_, argument))
  } finally {
    const next = waiting.shift()
    if (next === undefined) running--
    else next()
  }
}
