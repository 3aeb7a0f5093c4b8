/** All engines. A new one is a folder beside these, its name among the others' (backends.ts), and a line here. */
import { BACKENDS, type Backend } from './backends'
import { cpu, wasm } from './eager/kinds'
import type { EngineKind } from './engine'
import { tensorflow } from './graph/kind'

const KINDS: { readonly [B in Backend]: EngineKind<B> } = { tensorflow, wasm, cpu }

const [preferred, ...others] = BACKENDS
/** The preferred first. */
export const ENGINES: readonly [EngineKind<Backend>, ...EngineKind<Backend>[]] = [
  KINDS[preferred],
  ...others.map((name) => KINDS[name]),
]

/** The engines that can replay a step op by op, by name; the first of them does where none is asked for. */
export const REPLAYERS: readonly Backend[] = ENGINES.flatMap(({ name, replayer }) => (replayer === undefined ? [] : [name]))
export const REPLAYER: Backend = REPLAYERS[0]!

export const kindOf = (backend: Backend): EngineKind<Backend> => KINDS[backend]
