/** Whether a program fits into the memory of what is to compute it. */
import { totalmem } from 'node:os'
import * as E from 'fp-ts/Either'
import { type Failure, missing } from '../base/failure'
import { gigabytes } from '../base/gigabytes'
import { elements } from '../base/shape'
import { batchBytes } from '../program/batch'
import type { Program } from '../program/program'
import type { Abilities } from './engine'

const FLOAT = 4

/** Bytes of all tensors of a program's state. */
const stateBytes = (program: Program): number =>
  Object.values(program.state).reduce((sum, { shape }) => sum + FLOAT * elements(shape), 0)

/** Bytes that a step can't do without: the state, the next state, and what is computed at once of the batch. */
const leastBytes = (program: Program): number => 2 * stateBytes(program) + batchBytes(program.batch)

/** Refuses what can't fit, before anything is made of it. */
export const checkMemory = (
  program: Program,
  { name, addressable }: Pick<Abilities, 'name' | 'addressable'>,
): E.Either<Failure, void> => {
  const needed = leastBytes(program)
  const limit = Math.min(addressable ?? Number.POSITIVE_INFINITY, totalmem())
  if (needed <= limit) return E.right(undefined)
  const [widest] = Object.entries(program.state).sort((a, b) => elements(b[1].shape) - elements(a[1].shape))
  const where =
    addressable === undefined ? `this machine has ${gigabytes(limit)}` : `the ${name} backend can use ${gigabytes(limit)}`
  return E.left(
    missing(
      `the pipeline needs at least ${gigabytes(needed)} of memory, and ${where}; its largest tensor is ${widest![0]} [${widest![1].shape.join(', ')}]`,
      'Make the network or its head smaller (fewer prototypes, fewer hidden features), or compute fewer pictures at once (microBatch).',
    ),
  )
}
