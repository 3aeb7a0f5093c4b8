/** Operations as the text of functions. */
import { NotRecordable } from '../../base/engineError'
import { type Body, needed, type Operation, type Value } from '../../graph/operation'
import { type Block, newBlock, type Term, term } from './block'
import { sameShape } from './instructions'
import type { Precision, Scope } from './lowering'
import { LOWERINGS } from './table'
import { tensorType } from './type'

/** Functions that others call, each written once. */
export interface Functions {
  readonly nameOf: (body: Body) => string
  /** The text of all so far. */
  readonly lines: readonly string[]
}

/** What operations become in a function, given the terms that parameters are. */
export interface Written {
  readonly block: Block
  readonly of: (value: Value) => Term
}

const checked = (one: Operation, terms: readonly Term[]): readonly Term[] => {
  one.outputs.forEach(({ dtype, shape }, i) => {
    const made = terms[i]
    if (made === undefined || made.dtype !== dtype || !sameShape(made.shape, shape))
      throw new TypeError(`${one.name} (${one.type}) gives ${tensorType({ dtype, shape })} and is lowered to ${made?.type}`)
  })
  return terms
}

/** Whoever refuses an operation is told with its type. */
const lower = (scope: Scope, one: Operation): readonly Term[] => {
  try {
    return checked(one, LOWERINGS[one.type](scope, one))
  } catch (error) {
    throw error instanceof NotRecordable && error.operation === undefined ? new NotRecordable(error.message, one.type) : error
  }
}

/** Writes operations, in their order. Constants are written when somebody takes them: most are only read while lowering. */
export const written = (
  operations: readonly Operation[],
  parameters: ReadonlyMap<Operation, Term>,
  functions: Functions,
  precision: Precision,
): Written => {
  const block = newBlock(parameters.size)
  const terms = new Map<Operation, readonly Term[]>()
  for (const [one, given] of parameters) terms.set(one, [given])
  const made = (one: Operation): readonly Term[] => {
    const known = terms.get(one)
    if (known !== undefined) return known
    const lowered = lower(scope, one)
    terms.set(one, lowered)
    return lowered
  }
  const of = ({ of: one, output }: Value): Term => made(one)[output]!
  const scope: Scope = { block, of, functionOf: functions.nameOf, precision }
  for (const one of operations) if (one.type !== 'Const' && one.type !== 'Assign') made(one)
  return { block, of }
}

/** A body as a private function, whose parameters and results stand in its order. */
const bodyLines = (name: string, body: Body, functions: Functions, precision: Precision): readonly string[] => {
  const parameters = body.parameters.map((one, i) => [one, term(`%${i}`, one.outputs[0]!)] as const)
  const taken = new Set(body.results.map(({ of }) => of))
  const { block, of } = written(
    needed(body.operations, (one) => taken.has(one)),
    new Map(parameters),
    functions,
    precision,
  )
  const results = body.results.map(of)
  const types = results.map(({ type }) => type).join(', ')
  return [
    `  func.func private @${name}(${parameters.map(([, { name, type }]) => `${name}: ${type}`).join(', ')}) -> (${types}) {`,
    ...block.lines,
    `    return ${results.map(({ name }) => name).join(', ')} : ${types}`,
    '  }',
  ]
}

export const newFunctions = (precision: Precision): Functions => {
  const names = new Map<Body, string>()
  const lines: string[] = []
  const functions: Functions = {
    nameOf: (body) => {
      const known = names.get(body)
      if (known !== undefined) return known
      const name = `body.${body.name}`
      names.set(body, name)
      for (const line of bodyLines(name, body, functions, precision)) lines.push(line)
      return name
    },
    lines,
  }
  return functions
}
