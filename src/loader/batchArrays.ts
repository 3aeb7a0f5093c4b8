/** A batch in one piece of memory, which threads may share: its arrays one after the other, `batchBytes` in all. */
import { elements } from '../base/shape'
import type { HostBatch } from '../engine/interpreter'
import { type BatchShape, mapBatch } from '../program/batch'

/** The arrays of a batch in memory of so many bytes. */
export const batchIn = (memory: ArrayBufferLike, shape: BatchShape): HostBatch => {
  let taken = 0
  return mapBatch(shape, (one) => {
    const array = new Float32Array(memory, taken, elements(one))
    taken += array.byteLength
    return array
  })
}
