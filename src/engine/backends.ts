/** The names of the engines, the preferred first. */
import { ENGINES } from './engines'

// No type is written: the compiler declares the names themselves, so that programs that name one needn't know tensors.
export const BACKENDS = Object.freeze(ENGINES.map(({ name }) => name))

/** The name of an engine, by which `--backend` asks for it and run.json keeps it. */
export type Backend = (typeof BACKENDS)[number]
