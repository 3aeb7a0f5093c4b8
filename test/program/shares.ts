/** A whole batch taken apart into the shares of a program whose batch is divided. */
import type { HostBatch } from '../../src/engine/interpreter'
import { mapBatch, namedBatch } from '../../src/program/batch'
import { sharesOf, slotsOf } from '../../src/program/division'
import type { Program } from '../../src/program/program'

const size = (shape: readonly number[]): number => shape.reduce((product, n) => product * n, 1)

/** The rows of an array, view by view, that belong to slots of a batch. */
const rowsAt = (values: Float32Array, rowLength: number, pictures: number, slots: readonly number[]): Float32Array => {
  const views = values.length / (rowLength * pictures)
  const out = new Float32Array(views * slots.length * rowLength)
  for (let view = 0; view < views; view++)
    slots.forEach((slot, i) => {
      const from = (view * pictures + slot) * rowLength
      out.set(values.subarray(from, from + rowLength), (view * slots.length + i) * rowLength)
    })
  return out
}

/** All shares of a batch, in their order. */
export const sharesIn = ({ batch: shape, division }: Program, whole: HostBatch, paired = false): readonly HostBatch[] => {
  const count = sharesOf(division)
  const shapes = namedBatch(shape)
  return Array.from({ length: count }, (_, share) =>
    mapBatch(whole, (values, name) =>
      rowsAt(values, size(shapes[name]!.slice(1)), division.pictures * count, slotsOf(division, paired)(share)),
    ),
  )
}
