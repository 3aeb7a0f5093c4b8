/** What processes exchange in a pass over a share: in which order, and how much at once. */

import type { Reduction } from '../../base/reduction'
import { elements } from '../../base/shape'
import { text } from '../../graph/attributes'
import { bytesOf } from '../../graph/dtype'
import { infoOf, needed, type Operation } from '../../graph/operation'

/** Values that are reduced together. */
export interface Bucket {
  readonly reduction: Reduction
  /** `AllReduce`s. */
  readonly operations: readonly Operation[]
}

/** Smaller messages cost more for each byte, and of larger ones less is hidden behind what is still being computed. */
const BUCKET_BYTES = 8 * 2 ** 20

const sizeOf = (one: Operation): number => bytesOf(one.outputs[0]!.dtype) * elements(infoOf(one.inputs[0]!).shape)

const bucketsOf = (operations: readonly Operation[]): readonly Bucket[] => {
  const buckets: { reduction: Reduction; operations: Operation[]; bytes: number }[] = []
  for (const one of operations) {
    const reduction = text(one.attributes, 'reduction') as Reduction
    const last = buckets.at(-1)
    if (last !== undefined && last.reduction === reduction && last.bytes + sizeOf(one) <= BUCKET_BYTES) {
      last.operations.push(one)
      last.bytes += sizeOf(one)
    } else buckets.push({ reduction, operations: [one], bytes: sizeOf(one) })
  }
  return buckets
}

/**
 * The exchanges that some operations need: in stages, each of which needs what was exchanged in the one before. Within a stage what
 * was recorded last comes first, as a backward pass ends with the first layers.
 */
export const exchangesFor = (
  operations: readonly Operation[],
  wanted: (operation: Operation) => boolean,
): readonly (readonly Bucket[])[] => {
  const stages = new Map<Operation, number>()
  const found: (readonly Operation[])[] = []
  for (const one of needed(operations, wanted)) {
    const before = one.inputs.reduce((most, { of }) => Math.max(most, stages.get(of)!), 0)
    const isOne = one.type === 'AllReduce'
    stages.set(one, isOne ? before + 1 : before)
    if (isOne) found[before] = [...(found[before] ?? []), one]
  }
  return found.map((stage) => bucketsOf(stage.toReversed()))
}
