/** Paths below what was dropped. */

export const join = (...parts: readonly string[]): string => parts.join('/')

export const resolve = (path: string): string => path
