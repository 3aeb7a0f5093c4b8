/** A batch in one piece of memory that threads share: its arrays one after the other. */
import { elements } from '../base/shape'
import type { HostBatch } from '../engine/interpreter'
import type { BatchShape } from '../program/batch'

const BYTES = Float32Array.BYTES_PER_ELEMENT

/** How many bytes the arrays of a batch take. */
export const batchBytes = ({ global, local, mask, draws }: BatchShape): number =>
  BYTES *
  [global, ...local, ...(mask === undefined ? [] : [mask]), ...Object.values(draws)].reduce((sum, one) => sum + elements(one), 0)

/** The arrays of a batch in memory of `batchBytes`. */
export const batchIn = (memory: SharedArrayBuffer, { global, local, mask, draws }: BatchShape): HostBatch => {
  let taken = 0
  const next = (shape: readonly number[]): Float32Array => {
    const array = new Float32Array(memory, taken, elements(shape))
    taken += array.byteLength
    return array
  }
  return {
    global: next(global),
    local: local.map(next),
    mask: mask && next(mask),
    draws: Object.fromEntries(Object.entries(draws).map(([name, one]) => [name, next(one)])),
  }
}
