/** Values that are known before a graph runs: of shapes, axes and other small vectors of integers. */
import { infoOf, type Value } from './operation'

/** The values of a constant. */
export const constantOf = ({ of: { attributes } }: Value): ArrayLike<number> | undefined =>
  attributes.value !== undefined && 'tensor' in attributes.value ? attributes.value.tensor.values : undefined

/** What is known of a scalar or vector of integers: its numbers, undefined where one is known only when the graph runs. */
export const knownIntegers = (value: Value): readonly (number | undefined)[] => {
  const constant = constantOf(value)
  if (constant !== undefined) return Array.from(constant)
  const { type, inputs } = value.of
  if (type === 'Pack') return inputs.flatMap(knownIntegers)
  if (type === 'ConcatV2') return inputs.slice(0, -1).flatMap(knownIntegers)
  if (type === 'Size') {
    const { shape } = infoOf(inputs[0]!)
    return [shape.includes(-1) ? undefined : shape.reduce((a, b) => a * b, 1)]
  }
  const [length = 1] = infoOf(value).shape
  return Array.from({ length: Math.max(length, 0) })
}

/** The integers of a vector, all of which must be known. */
export const integersOf = (value: Value): readonly number[] =>
  knownIntegers(value).map((one) => {
    if (one === undefined) throw new RangeError('an axis or an index is not known while compiling')
    return one
  })

/** A known integer. */
export const integerOf = (value: Value): number => integersOf(value)[0]!
