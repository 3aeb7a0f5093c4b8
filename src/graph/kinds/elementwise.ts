/** Operations that compute each number by itself. */

import { typeIn } from '../attributes'
import { DTYPE, type Dtype, dtypeName } from '../dtype'
import { infoOf } from '../operation'
import { agreed, agreedShape, broadcast, dtypeAt, type Infer, shapeAt } from './kind'

/** As the first input. */
export const same: Infer = (inputs) => [infoOf(inputs[0]!)]

const takes = (what: string, allowed: readonly Dtype[]): ((inputs: Parameters<Infer>[0]) => void) => {
  const known = new Set(allowed)
  return (inputs) => {
    for (const [i] of inputs.entries()) {
      const dtype = dtypeAt(inputs, i)
      if (!known.has(dtype)) throw new RangeError(`it takes ${what}, and is given ${dtypeName(dtype)}`)
    }
  }
}

const { bool, float32, bfloat16, int32, int64, uint8 } = DTYPE
const takesNumbers = takes('numbers', [float32, bfloat16, int32, int64, uint8])
const takesFloats = takes('floating-point numbers', [float32, bfloat16])
const takesTruth = takes('truth values', [bool])

/** A number of each number. */
export const numeric: Infer = (inputs) => {
  takesNumbers(inputs)
  return [infoOf(inputs[0]!)]
}

/** A floating-point number of each. */
export const floating: Infer = (inputs) => {
  takesFloats(inputs)
  return [infoOf(inputs[0]!)]
}

export const negated: Infer = (inputs) => {
  takesTruth(inputs)
  return [infoOf(inputs[0]!)]
}

/** Of one input, a truth value a number. */
export const told: Infer = (inputs) => {
  takesFloats(inputs)
  return [{ dtype: bool, shape: shapeAt(inputs, 0) }]
}

const sameTypes = (inputs: Parameters<Infer>[0]): void => {
  if (inputs.some((_, i) => dtypeAt(inputs, i) !== dtypeAt(inputs, 0))) throw new RangeError('the types of its inputs differ')
}

const broadcastTogether = (inputs: Parameters<Infer>[0]): readonly number[] => {
  sameTypes(inputs)
  return broadcast(shapeAt(inputs, 0), shapeAt(inputs, 1))
}

/** Of two inputs that are broadcast to each other. */
export const paired: Infer = (inputs) => {
  takesNumbers(inputs)
  return [{ dtype: dtypeAt(inputs, 0), shape: broadcastTogether(inputs) }]
}

/** Two truth values. */
export const logical: Infer = (inputs) => {
  takesTruth(inputs)
  return [{ dtype: bool, shape: broadcastTogether(inputs) }]
}

/** Of two numbers, a truth value. */
export const ordered: Infer = (inputs) => {
  takesNumbers(inputs)
  return [{ dtype: bool, shape: broadcastTogether(inputs) }]
}

/** Whether two of any type are the same. */
export const compared: Infer = (inputs) => [{ dtype: bool, shape: broadcastTogether(inputs) }]

/** Of any number of inputs of one shape. */
export const summed: Infer = (inputs) => {
  sameTypes(inputs)
  return [{ dtype: dtypeAt(inputs, 0), shape: inputs.map((_, i) => shapeAt(inputs, i)).reduce(agreedShape) }]
}

export const cast: Infer = (inputs, attributes) => [
  { dtype: typeIn(attributes, 'DstT', DTYPE.float32), shape: shapeAt(inputs, 0) },
]

/** One of two, by a condition of the same shape, of one number, or of one for each of the first axis. */
export const select: Infer = (inputs) => {
  const [condition, shape] = [shapeAt(inputs, 0), agreedShape(shapeAt(inputs, 1), shapeAt(inputs, 2))]
  // Any other is compared as a whole.
  if (condition.length > 1 || (condition.length === 1 && shape.length === 0)) agreedShape(condition, shape)
  else if (condition.length === 1) agreed(condition[0]!, shape[0]!, 'the lengths of the condition and of the first axis')
  return [{ dtype: dtypeAt(inputs, 1), shape }]
}
