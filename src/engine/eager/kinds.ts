/** tfjs's own backends as engines, before they are loaded: a step runs op by op. */
import type * as TE from 'fp-ts/TaskEither'
import type { Failure } from '../../base/failure'
import type { Breakage, EngineKind, ReplayingEngine } from '../engine'
import { ABILITIES, type EagerBackend } from './abilities'

const breakageOf = (error: Error): Breakage | undefined =>
  (error instanceof RangeError && /allocation|array length|memory/i.test(error.message)) ||
  // A WebAssembly.RuntimeError, a name that the types of Node 20 lack.
  (error.name === 'RuntimeError' && /memory|OOM|out of bounds|abort/i.test(error.message))
    ? { what: 'memory', cause: error.message.split('\n')[0]!.trim() }
    : undefined

/** A backend as an engine. */
export const eagerKind = <Name extends EagerBackend>(
  name: Name,
  words: Pick<EngineKind, 'summary' | 'standIn'>,
): EngineKind<Name> => {
  const open = (): TE.TaskEither<Failure, ReplayingEngine> => async () => (await import('./open.js')).openEager(name)()
  return {
    ...ABILITIES[name],
    name,
    ...words,
    isPreferred: () => false,
    open,
    library: undefined,
    replayer: open,
    checkSettings: () => async () => ({ _tag: 'Right', right: undefined }),
    examine: async () => (await import('./examine.js')).examine(name),
    breakageOf,
  }
}

export const wasm = eagerKind('wasm', {
  summary: 'WebAssembly, on one core',
  // Five times for fashion-mnist.yaml, more for larger networks.
  standIn: 'five times slower or more',
})

export const cpu = eagerKind('cpu', { summary: 'plain JavaScript, which is slow', standIn: undefined })
