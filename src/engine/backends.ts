/** The names of the engines, the preferred first: apart from the engines, so that programs that name one needn't know tensors. */
export const BACKENDS = ['tensorflow', 'wasm', 'cpu'] as const

/** The name of an engine, by which `--backend` asks for it and run.json keeps it. */
export type Backend = (typeof BACKENDS)[number]
