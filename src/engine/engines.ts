/** All engines, the preferred first. A new one is a folder beside these, and a name in this list. */
import { cpu, wasm } from './eager/kinds'
import type { EngineKind } from './engine'
import { tensorflow } from './tensorflow/kind'

export const ENGINES = [tensorflow, wasm, cpu] as const

type Name = (typeof ENGINES)[number]['name']

/** The engines that can replay a step op by op, by name; the first of them does where none is asked for. */
export const REPLAYERS: readonly Name[] = ENGINES.flatMap(({ name, replayer }) => (replayer === undefined ? [] : [name]))
export const REPLAYER: Name = REPLAYERS[0]!

export const kindOf = (backend: Name): EngineKind<Name> => ENGINES.find(({ name }) => name === backend)!
