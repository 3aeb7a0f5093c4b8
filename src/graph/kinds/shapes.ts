/** Operations that move numbers about. */

import { integer, integers, typeIn } from '../attributes'
import { integerOf, integersOf, knownIntegers } from '../constant'
import { DTYPE } from '../dtype'
import type { Value } from '../operation'
import {
  agreed,
  agreedShape,
  axisIn,
  combined,
  dtypeAt,
  type Infer,
  onePerAxis,
  rankAtLeast,
  type Shape,
  shapeAt,
  shapeText,
  sizeOf,
  UNKNOWN,
} from './kind'

const plus = (a: number, b: number): number => a + b
const times = (a: number, b: number): number => a * b

/** A vector of dimensions as a shape. */
const shapeFrom = (value: Value): Shape => knownIntegers(value).map((dim) => dim ?? UNKNOWN)

/** Whether so many numbers may be in a shape of which not all may be known. */
const canBe = (shape: Shape, size: number): boolean => {
  const known = shape.filter((dim) => dim !== UNKNOWN).reduce(times, 1)
  if (size === UNKNOWN) return true
  return known === size || (shape.includes(UNKNOWN) && (known === 0 ? size === 0 : size % known === 0))
}

export const reshape: Infer = (inputs) => {
  const from = shapeAt(inputs, 0)
  const asked = knownIntegers(inputs[1]!)
  const size = sizeOf(from)
  const open = asked.indexOf(-1)
  if (open < 0) {
    const shape = asked.map((dim) => dim ?? UNKNOWN)
    if (!canBe(from, sizeOf(shape))) throw new RangeError(`${shapeText(from)} can't be reshaped to ${shapeText(shape)}`)
    return [{ dtype: dtypeAt(inputs, 0), shape }]
  }
  const others = sizeOf(asked.map((dim, i) => (i === open ? 1 : (dim ?? UNKNOWN))))
  const rest = size === UNKNOWN || others === UNKNOWN || others === 0 ? UNKNOWN : size / others
  if (!Number.isInteger(rest) || (others === 0 && size > 0))
    throw new RangeError(`${shapeText(from)} can't be divided into parts of ${others}`)
  return [{ dtype: dtypeAt(inputs, 0), shape: asked.map((dim, i) => (i === open ? rest : (dim ?? UNKNOWN))) }]
}

export const expandDims: Infer = (inputs) => {
  const shape = shapeAt(inputs, 0)
  return [{ dtype: dtypeAt(inputs, 0), shape: shape.toSpliced(axisIn(integerOf(inputs[1]!), shape.length + 1), 0, 1) }]
}

export const squeeze: Infer = (inputs, attributes) => {
  const shape = shapeAt(inputs, 0)
  const given = integers(attributes, 'squeeze_dims').map((axis) => axisIn(axis, shape.length))
  for (const axis of given)
    if (shape[axis] !== UNKNOWN && shape[axis] !== 1) throw new RangeError(`axis ${axis} of ${shapeText(shape)} is not 1`)
  const gone = (dim: number, axis: number): boolean => (given.length === 0 ? dim === 1 : given.includes(axis))
  return [{ dtype: dtypeAt(inputs, 0), shape: shape.filter((dim, axis) => !gone(dim, axis)) }]
}

export const transpose: Infer = (inputs) => {
  const shape = shapeAt(inputs, 0)
  const order = integersOf(inputs[1]!)
  if (order.length !== shape.length) throw new RangeError(`${order.length} axes are ordered, and there are ${shape.length}`)
  return [{ dtype: dtypeAt(inputs, 0), shape: order.map((axis) => shape[axisIn(axis, shape.length)]!) }]
}

export const slice: Infer = (inputs) => {
  const shape = shapeAt(inputs, 0)
  const [begin, size] = [knownIntegers(inputs[1]!), knownIntegers(inputs[2]!)]
  onePerAxis(begin, shape, 'first places')
  onePerAxis(size, shape, 'lengths')
  return [
    {
      dtype: dtypeAt(inputs, 0),
      shape: shape.map((dim, axis) => {
        const [from, length] = [begin[axis], size[axis]]
        if (length === undefined) return UNKNOWN
        const end = from === undefined ? undefined : from + Math.max(length, 0)
        if (length < -1 || (from !== undefined && from < 0) || (dim !== UNKNOWN && end !== undefined && end > dim))
          throw new RangeError(`a slice of ${length} from ${from} on is not within ${dim}`)
        if (length >= 0) return length
        return dim === UNKNOWN || from === undefined ? UNKNOWN : dim - from
      }),
    },
  ]
}

const bit = (mask: number, i: number): boolean => ((mask >> i) & 1) === 1

export const stridedSlice: Infer = (inputs, attributes) => {
  const shape = shapeAt(inputs, 0)
  const [begin, end, strides] = [1, 2, 3].map((i) => integersOf(inputs[i]!)) as [
    readonly number[],
    readonly number[],
    readonly number[],
  ]
  const mask = (name: string): number => integer(attributes, `${name}_mask`)
  const ellipsis = begin.findIndex((_, i) => bit(mask('ellipsis'), i))
  const fresh = begin.filter((_, i) => bit(mask('new_axis'), i) && i !== ellipsis).length
  const rest = shape.length - (begin.length - fresh - (ellipsis >= 0 ? 1 : 0))
  if (rest < 0) throw new RangeError(`more axes are sliced than the ${shape.length} that there are`)
  const dims: number[] = []
  let axis = 0
  const one = (i: number): void => {
    const dim = shape[axis++]!
    const stride = strides[i]!
    if (stride === 0) throw new RangeError('a slice with strides of 0 has no end')
    if (bit(mask('shrink_axis'), i)) {
      if (dim === UNKNOWN) return
      if (stride < 0) throw new RangeError('a single place has no stride below 0')
      axisIn(begin[i]!, dim)
      return
    }
    if (dim === UNKNOWN) {
      dims.push(UNKNOWN)
      return
    }
    const within = (place: number): number => {
      const counted = place < 0 ? place + dim : place
      return stride > 0 ? Math.min(Math.max(counted, 0), dim) : Math.min(Math.max(counted, -1), dim - 1)
    }
    const from = bit(mask('begin'), i) ? (stride > 0 ? 0 : dim - 1) : within(begin[i]!)
    const to = bit(mask('end'), i) ? (stride > 0 ? dim : -1) : within(end[i]!)
    dims.push(Math.max(0, Math.ceil((to - from) / stride)))
  }
  begin.forEach((_, i) => {
    if (i === ellipsis) for (let n = 0; n < rest; n++) dims.push(shape[axis++]!)
    else if (bit(mask('new_axis'), i)) dims.push(1)
    else one(i)
  })
  return [{ dtype: dtypeAt(inputs, 0), shape: [...dims, ...shape.slice(axis)] }]
}

export const splitV: Infer = (inputs) => {
  const shape = shapeAt(inputs, 0)
  const axis = axisIn(integerOf(inputs[2]!), shape.length)
  const sizes = integersOf(inputs[1]!)
  const open = sizes.indexOf(-1)
  const known = sizes.reduce((sum, size) => sum + Math.max(size, 0), 0)
  const rest = shape[axis] === UNKNOWN ? UNKNOWN : shape[axis]! - known
  if (open < 0) agreed(shape[axis]!, known, 'the dimension and the sum of its parts')
  else if (shape[axis] !== UNKNOWN && rest < 0) throw new RangeError(`parts of ${known} are more than ${shape[axis]}`)
  return sizes.map((size, i) => ({ dtype: dtypeAt(inputs, 0), shape: shape.with(axis, i === open ? rest : size) }))
}

export const pack: Infer = (inputs, attributes) => {
  const shape = inputs.map((_, i) => shapeAt(inputs, i)).reduce(agreedShape)
  const axis = axisIn(integer(attributes, 'axis'), shape.length + 1)
  return [{ dtype: dtypeAt(inputs, 0), shape: shape.toSpliced(axis, 0, inputs.length) }]
}

export const unpack: Infer = (inputs, attributes) => {
  const shape = shapeAt(inputs, 0)
  const axis = axisIn(integer(attributes, 'axis'), shape.length)
  const count = integer(attributes, 'num')
  agreed(shape[axis]!, count, 'the dimension and the number of its parts')
  return Array.from({ length: count }, () => ({ dtype: dtypeAt(inputs, 0), shape: shape.toSpliced(axis, 1) }))
}

export const concat: Infer = (inputs) => {
  const shapes = inputs.slice(0, -1).map((_, i) => shapeAt(inputs, i))
  const first = shapes[0]!
  const axis = axisIn(integerOf(inputs.at(-1)!), first.length)
  const others = shapes.map((shape): Shape => shape.with(axis, 0)).reduce(agreedShape)
  const length = combined(
    shapes.map((shape) => shape[axis]!),
    plus,
    0,
  )
  return [{ dtype: dtypeAt(inputs, 0), shape: others.with(axis, length) }]
}

export const gather: Infer = (inputs, attributes) => {
  const [shape, indices] = [shapeAt(inputs, 0), shapeAt(inputs, 1)]
  const axis = axisIn(integerOf(inputs[2]!), shape.length)
  const batch = integer(attributes, 'batch_dims')
  return [
    {
      dtype: dtypeAt(inputs, 0),
      shape: [...shape.slice(0, axis), ...indices.slice(batch < 0 ? batch + indices.length : batch), ...shape.slice(axis + 1)],
    },
  ]
}

export const gatherNd: Infer = (inputs) => {
  const [shape, indices] = [shapeAt(inputs, 0), shapeAt(inputs, 1)]
  rankAtLeast(indices, 1)
  rankAtLeast(shape, indices.at(-1)!)
  return [{ dtype: dtypeAt(inputs, 0), shape: [...indices.slice(0, -1), ...shape.slice(indices.at(-1)!)] }]
}

/** The sum of updates at their places, in a shape that the third input says. */
export const scatterNd: Infer = (inputs) => {
  const [indices, updates, shape] = [shapeAt(inputs, 0), shapeAt(inputs, 1), shapeFrom(inputs[2]!)]
  rankAtLeast(indices, 1)
  agreedShape(updates, [...indices.slice(0, -1), ...shape.slice(indices.at(-1)!)])
  return [{ dtype: dtypeAt(inputs, 1), shape }]
}

/** A number that isn't below 0, unknown where it is known only when the graph runs. */
const countIn = (value: Value): number => {
  const [count] = knownIntegers(value)
  if (count !== undefined && count < 0) throw new RangeError(`${count} is no number of things`)
  return count ?? UNKNOWN
}

export const unsortedSegmentSum: Infer = (inputs) => {
  const [shape, segments] = [shapeAt(inputs, 0), shapeAt(inputs, 1)]
  agreedShape(shape.slice(0, segments.length), segments)
  return [{ dtype: dtypeAt(inputs, 0), shape: [countIn(inputs[2]!), ...shape.slice(segments.length)] }]
}

export const tile: Infer = (inputs) => {
  const repeats = knownIntegers(inputs[1]!)
  onePerAxis(repeats, shapeAt(inputs, 0), 'numbers of copies')
  return [
    { dtype: dtypeAt(inputs, 0), shape: shapeAt(inputs, 0).map((dim, i) => combined([dim, repeats[i] ?? UNKNOWN], times, 1)) },
  ]
}

/** Before and behind each axis there is more; how much the second input says. */
export const pad: Infer = (inputs) => {
  const more = integersOf(inputs[1]!)
  if (more.some((length) => length < 0)) throw new RangeError('an axis is padded by less than nothing')
  onePerAxis(
    more.filter((_, i) => i % 2 === 0),
    shapeAt(inputs, 0),
    'paddings',
  )
  return [
    {
      dtype: dtypeAt(inputs, 0),
      shape: shapeAt(inputs, 0).map((dim, i) => combined([dim, more[2 * i]!, more[2 * i + 1]!], plus, 0)),
    },
  ]
}

export const oneHot: Infer = (inputs, attributes) => {
  const shape = shapeAt(inputs, 0)
  const axis = axisIn(integer(attributes, 'axis', -1), shape.length + 1)
  return [{ dtype: dtypeAt(inputs, 2), shape: shape.toSpliced(axis, 0, countIn(inputs[1]!)) }]
}

export const range: Infer = (inputs) => {
  const [from, to, by] = inputs.slice(0, 3).map((input) => knownIntegers(input)[0])
  if (from === undefined || to === undefined || by === undefined) return [{ dtype: dtypeAt(inputs, 0), shape: [UNKNOWN] }]
  if (by === 0 || (to - from) * by < 0) throw new RangeError(`${to} is not reached from ${from} on by ${by}`)
  return [{ dtype: dtypeAt(inputs, 0), shape: [Math.ceil((to - from) / by)] }]
}

export const fill: Infer = (inputs) => {
  if (shapeAt(inputs, 1).length > 0) throw new RangeError('it takes a single value')
  const dims = knownIntegers(inputs[0]!)
  if (dims.some((dim) => dim !== undefined && dim < 0)) throw new RangeError(`there is no shape [${dims.join(', ')}]`)
  return [{ dtype: dtypeAt(inputs, 1), shape: shapeFrom(inputs[0]!) }]
}

export const size: Infer = (_, attributes) => [{ dtype: typeIn(attributes, 'out_type', DTYPE.int32), shape: [] }]
