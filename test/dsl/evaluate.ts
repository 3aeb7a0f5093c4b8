/** Runs the TypeScript that the printer writes: its imports are replaced by these ops. */
import { pipe } from 'fp-ts/function'
import { pipeline } from '../../src/dsl/plan'
import { constructors } from './registry'

const SCOPE: Readonly<Record<string, unknown>> = { ...constructors, pipe, pipeline }

/** The value of an expression. */
export const evaluate = (expression: string): unknown =>
  new Function(...Object.keys(SCOPE), `'use strict'; return (${expression})`)(...Object.values(SCOPE))

/** The value of the one constant that a module exports. Everything that it uses must be imported, and is found in `scope`. */
export const evaluateModule = (code: string, scope: Readonly<Record<string, unknown>> = SCOPE): unknown => {
  const [, imported = '', body = ''] = /^import \{([^}]*)\} from 'ibot'\n([\s\S]*)$/.exec(code) ?? []
  const names = imported.split(',').map((name) => name.trim())
  const used = Object.fromEntries(names.filter((name) => name !== '').map((name) => [name, scope[name]]))
  const exported = /^export const (\w+) = /m.exec(body)?.[1]
  return new Function(...Object.keys(used), `'use strict';${body.replace('export const', 'const')}\nreturn ${exported}`)(
    ...Object.values(used),
  )
}
