/** Operations that compute each number by itself. */
import { typeIn } from '../attributes'
import { DTYPE } from '../dtype'
import { infoOf } from '../operation'
import { agreed, agreedShape, broadcast, dtypeAt, type Infer, rankAtLeast, shapeAt } from './kind'
import { type Taking, takesFloats, takesNumbers, takesSigned, takesTruth } from './takes'

/** As the first input. */
export const same: Infer = (inputs) => [infoOf(inputs[0]!)]

/** One of each, of its type. */
const each =
  (takes: Taking): Infer =>
  (inputs) => {
    takes(inputs)
    return [infoOf(inputs[0]!)]
  }

/** A number of each number. */
export const numeric = each(takesNumbers)

/** A number of each that may be below 0. */
export const signed = each(takesSigned)

/** A floating-point number of each. */
export const floating = each(takesFloats)

export const negated = each(takesTruth)

/** Shares of each row: there must be one. */
export const shares: Infer = (inputs) => {
  takesFloats(inputs)
  rankAtLeast(shapeAt(inputs, 0), 1)
  return [infoOf(inputs[0]!)]
}

/** Of one input, a truth value a number. */
export const told: Infer = (inputs) => {
  takesFloats(inputs)
  return [{ dtype: DTYPE.bool, shape: shapeAt(inputs, 0) }]
}

const sameTypes = (inputs: Parameters<Infer>[0]): void => {
  if (inputs.some((_, i) => dtypeAt(inputs, i) !== dtypeAt(inputs, 0))) throw new RangeError('the types of its inputs differ')
}

const broadcastTogether = (inputs: Parameters<Infer>[0]): readonly number[] => {
  sameTypes(inputs)
  return broadcast(shapeAt(inputs, 0), shapeAt(inputs, 1))
}

/** Of two inputs that are broadcast to each other, one of their type. */
const ofTwo =
  (takes: Taking): Infer =>
  (inputs) => {
    takes(inputs)
    return [{ dtype: dtypeAt(inputs, 0), shape: broadcastTogether(inputs) }]
  }

/** Of two numbers. */
export const paired = ofTwo(takesNumbers)

/** Of two numbers that may be below 0. */
export const signedPair = ofTwo(takesSigned)

/** Of two floating-point numbers. */
export const floatingPair = ofTwo(takesFloats)

/** Of two truth values. */
export const logical = ofTwo(takesTruth)

/** Of two floating-point numbers in the same place. */
export const besides: Infer = (inputs) => {
  takesFloats(inputs)
  sameTypes(inputs)
  return [{ dtype: dtypeAt(inputs, 0), shape: agreedShape(shapeAt(inputs, 0), shapeAt(inputs, 1)) }]
}

/** Of two numbers, a truth value. */
export const ordered: Infer = (inputs) => {
  takesNumbers(inputs)
  return [{ dtype: DTYPE.bool, shape: broadcastTogether(inputs) }]
}

/** Whether two of any type are the same. */
export const compared: Infer = (inputs) => [{ dtype: DTYPE.bool, shape: broadcastTogether(inputs) }]

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
  takesTruth(inputs.slice(0, 1))
  const [condition, shape] = [shapeAt(inputs, 0), agreedShape(shapeAt(inputs, 1), shapeAt(inputs, 2))]
  const dtype = dtypeAt(inputs, 1)
  if (condition.length === 0) return [{ dtype, shape }]
  // Any other is compared as a whole.
  if (condition.length > 1 || shape.length === 0) return [{ dtype, shape: agreedShape(condition, shape) }]
  agreed(condition[0]!, shape[0]!, 'the lengths of the condition and of the first axis')
  return [{ dtype, shape }]
}
