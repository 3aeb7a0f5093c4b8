/**
 * An op keeps the definition that it was made by, out of sight: it is plain data, equal to what YAML says, and yet a plan
 * knows its ops, whoever defined them.
 */
import type { OpSpec } from './spec'

/** Of this copy of ibot: what another copy made is plain data here. */
const DEFINITION = Symbol('definition')

/** The op, keeping its definition. */
export const defined = <O extends object>(spec: OpSpec, op: O): O => Object.defineProperty(op, DEFINITION, { value: spec })

/** The definitions of all ops in a value, each once, as they are met. */
export const definitionsIn = (value: unknown): readonly OpSpec[] => {
  const met = new Set<unknown>()
  const found = new Set<OpSpec>()
  const look = (part: unknown): void => {
    if (typeof part !== 'object' || part === null || met.has(part)) return
    met.add(part)
    const spec = (part as { readonly [DEFINITION]?: OpSpec })[DEFINITION]
    if (spec !== undefined) found.add(spec)
    for (const inner of Object.values(part)) look(inner)
  }
  look(value)
  return [...found]
}
