/** Operations along some axes. */

import { flag, typeIn } from '../attributes'
import { integersOf, knownIntegers } from '../constant'
import { DTYPE } from '../dtype'
import { infoOf } from '../operation'
import { axisIn, dtypeAt, type Infer, rankAtLeast, type Shape, shapeAt, UNKNOWN } from './kind'
import { type Taking, takesNumbers, takesTruth } from './takes'

/** A shape without these axes, or with 1 in their place. */
const without = (shape: Shape, axes: readonly number[], keep: boolean): Shape => {
  const gone = new Set(axes.map((axis) => axisIn(axis, shape.length)))
  return shape.flatMap((dim, axis) => (!gone.has(axis) ? [dim] : keep ? [1] : []))
}

/** One of all along the axes that the second input names. */
const reducing =
  (takes: Taking): Infer =>
  (inputs, attributes) => {
    takes(inputs.slice(0, 1))
    return [
      { dtype: dtypeAt(inputs, 0), shape: without(shapeAt(inputs, 0), integersOf(inputs[1]!), flag(attributes, 'keep_dims')) },
    ]
  }

/** One number of numbers. */
export const reduced = reducing(takesNumbers)

/** One truth value of truth values. */
export const whether = reducing(takesTruth)

/** The place of one along an axis. */
export const found: Infer = (inputs, attributes) => [
  { dtype: typeIn(attributes, 'output_type', DTYPE.int64), shape: without(shapeAt(inputs, 0), integersOf(inputs[1]!), false) },
]

/** The largest along the last axis, and where they are. */
export const largest: Infer = (inputs) => {
  const from = shapeAt(inputs, 0)
  rankAtLeast(from, 1)
  const count = knownIntegers(inputs[1]!)[0] ?? UNKNOWN
  const length = from.at(-1)!
  if (length !== UNKNOWN && count > length) throw new RangeError(`the largest ${count} of ${length} are asked for`)
  const shape = [...from.slice(0, -1), count]
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

/** As the first input, along axes that the second one names, each once. */
export const reversed: Infer = (inputs, attributes) => {
  const { length } = shapeAt(inputs, 0)
  const axes = integersOf(inputs[1]!)
  if (new Set(axes.map((axis) => axisIn(axis, length))).size < axes.length) throw new RangeError('an axis is named twice')
  return along(inputs, attributes)
}
