/** What can compute a program, by name: the first is the default. */
export const BACKENDS = ['wasm', 'cpu'] as const
export type Backend = (typeof BACKENDS)[number]
