/** What an operation is lowered with, and what is read off it. */
import { NotRecordable } from '../../base/engineError'
import type { Body, Operation, Value } from '../../graph/operation'
import type { Block, Term } from './block'
import { broadcastTo } from './instructions'

/** How exactly products of float32 are computed: `highest` in float32, `default` as is fastest, `high` between them. */
export type Precision = 'default' | 'high' | 'highest'

export interface Scope {
  readonly block: Block
  /** A value that was lowered before. */
  readonly of: (value: Value) => Term
  /** The name of the function that a body is. */
  readonly functionOf: (body: Body) => string
  readonly precision: Precision
}

/** Writes an operation: gives its outputs. */
export type Lowering = (scope: Scope, one: Operation) => readonly Term[]

/** An operation that can't be lowered, and why. */
export const refused =
  (why: string): Lowering =>
  (_, { type }) => {
    throw new NotRecordable(why, type)
  }

/** Of one input. */
export const ofOne =
  (f: (block: Block, x: Term, one: Operation) => Term): Lowering =>
  ({ block, of }, one) => [f(block, of(one.inputs[0]!), one)]

/** Of two inputs, repeated to the shape of the output where they are smaller. */
export const ofTwo =
  (f: (block: Block, a: Term, b: Term, one: Operation) => Term): Lowering =>
  ({ block, of }, one) => {
    const { shape } = one.outputs[0]!
    const [a, b] = one.inputs
    return [f(block, broadcastTo(block, of(a!), shape), broadcastTo(block, of(b!), shape), one)]
  }
