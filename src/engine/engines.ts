/** All engines, the preferred first. A new one is a folder beside these, and a name in this list. */
import { cpu, wasm } from './eager/kinds'
import type { EngineKind } from './engine'
import { tensorflow } from './graph/kind'

export const ENGINES = [tensorflow, wasm, cpu] as const

/** The name of an engine, by which `--backend` asks for it and run.json keeps it. */
export type Backend = (typeof ENGINES)[number]['name']
export const BACKENDS: readonly Backend[] = ENGINES.map(({ name }) => name)

/** The engines that can replay a step op by op, by name; the first of them does where none is asked for. */
export const REPLAYERS: readonly Backend[] = ENGINES.flatMap(({ name, replayer }) => (replayer === undefined ? [] : [name]))
export const REPLAYER: Backend = REPLAYERS[0]!

export const kindOf = (backend: Backend): EngineKind<Backend> => ENGINES.find(({ name }) => name === backend)!
