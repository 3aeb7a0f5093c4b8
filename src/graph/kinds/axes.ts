/** Operations along some axes. */

import { flag, typeIn } from '../attributes'
import { integersOf, knownIntegers } from '../constant'
import { DTYPE } from '../dtype'
import { infoOf } from '../operation'
import { axisIn, dtypeAt, type Infer, type Shape, shapeAt, UNKNOWN } from './kind'

/** A shape without these axes, or with 1 in their place. */
const without = (shape: Shape, axes: readonly number[], keep: boolean): Shape => {
  const gone = new Set(axes.map((axis) => axisIn(axis, shape.length)))
  return shape.flatMap((dim, axis) => (!gone.has(axis) ? [dim] : keep ? [1] : []))
}

/** One number of all along the axes that the second input names. */
export const reduced: Infer = (inputs, attributes) => [
  { dtype: dtypeAt(inputs, 0), shape: without(shapeAt(inputs, 0), integersOf(inputs[1]!), flag(attributes, 'keep_dims')) },
]

/** The place of one along an axis. */
export const found: Infer = (inputs, attributes) => [
  { dtype: typeIn(attributes, 'output_type', DTYPE.int64), shape: without(shapeAt(inputs, 0), integersOf(inputs[1]!), false) },
]

/** The largest along the last axis, and where they are. */
export const largest: Infer = (inputs) => {
  const shape = [...shapeAt(inputs, 0).slice(0, -1), knownIntegers(inputs[1]!)[0] ?? UNKNOWN]
  return [
    { dtype: dtypeAt(inputs, 0), shape },
    { dtype: DTYPE.int32, shape },
  ]
}

/** As the first input, whose axes the second one names. */
export const along: Infer = (inputs) => {
  const info = infoOf(inputs[0]!)
  for (const axis of integersOf(inputs[1]!)) axisIn(axis, info.shape.length)
  return [info]
}
