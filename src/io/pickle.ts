/**
 * Python's pickle format, protocols 0 to 5, read and never run: a pickle is a program that names classes and functions
 * and what to call them with, and here it gives only the description of that, as plain data. Names that the caller
 * doesn't expect are refused, before anything is made of the description.
 */
import * as E from 'fp-ts/Either'
import { checkBounds } from './pickle/bounds'
import { bytesOf, Unreadable } from './pickle/bytes'
import { type Limits, machine } from './pickle/machine'
import { OPCODES, STOP } from './pickle/opcodes'
import type { Value } from './pickle/value'

export { Global, Instance, Persistent, type Value } from './pickle/value'

export interface Pickle {
  readonly value: Value
  /** How many bytes it takes; others may follow. */
  readonly length: number
}

export interface PickleOptions {
  /** Full names of the classes and functions that it may name, e.g. `collections.OrderedDict`. */
  readonly allowed: ReadonlySet<string>
  readonly limits?: Partial<Limits>
}

/** The largest checkpoints, of models with 600 weights, take 120,000 instructions. */
const LIMITS: Limits = { instructions: 2_000_000, depth: 100, values: 2_000_000 }

const hexadecimal = (code: number): string => `0x${code.toString(16).padStart(2, '0')}`

const run = (bytes: Uint8Array, { allowed, limits }: PickleOptions): Pickle => {
  const bounds = { ...LIMITS, ...limits }
  const input = bytesOf(bytes)
  const m = machine(allowed)
  for (let count = 1; ; count++) {
    if (count > bounds.instructions) throw new Unreadable(`it has more than ${bounds.instructions} instructions`)
    const at = input.at()
    const code = input.unsigned(1)
    if (code === STOP) break
    const opcode = OPCODES.get(code)
    if (opcode === undefined) throw new Unreadable(`byte ${at} is ${hexadecimal(code)}, which is no instruction of a pickle`)
    opcode(m, input)
  }
  const value = m.pop()
  checkBounds(value, bounds)
  return { value, length: input.at() }
}

/** Reads the pickle at the beginning of `bytes`, or says in half a sentence (to be put behind its name) why it can't be read. */
export const readPickle = (bytes: Uint8Array, options: PickleOptions): E.Either<string, Pickle> => {
  try {
    return E.right(run(bytes, options))
  } catch (error) {
    if (error instanceof Unreadable) return E.left(error.message)
    throw error
  }
}
