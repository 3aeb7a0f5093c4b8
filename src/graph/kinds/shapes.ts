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

export const reshape: Infer = (inputs) => {
  const from = shapeAt(inputs, 0)
  const asked = knownIntegers(inputs[1]!)
  const size = sizeOf(from)
  const open = asked.indexOf(-1)
  if (open < 0) {
    const shape = asked.map((dim) => dim ?? UNKNOWN)
    if (size !== UNKNOWN && sizeOf(shape) !== UNKNOWN && sizeOf(shape) !== size)
      throw new RangeError(`${shapeText(from)} can't be reshaped to ${shapeText(shape)}`)
    return [{ dtype: dtypeAt(inputs, 0), shape }]
  }
  const others = sizeOf(asked.map((dim, i) => (i === open ? 1 : (dim ?? UNKNOWN))))
  const rest = size === UNKNOWN || others === UNKNOWN || others === 0 ? UNKNOWN : size / others
  if (!Number.isInteger(rest)) throw new RangeError(`${shapeText(from)} can't be divided into parts of ${others}`)
  return [{ dtype: dtypeAt(inputs, 0), shape: asked.map((dim, i) => (i === open ? rest : (dim ?? UNKNOWN))) }]
}

export const expandDims: Infer = (inputs) => {
  const shape = shapeAt(inputs, 0)
  return [{ dtype: dtypeAt(inputs, 0), shape: shape.toSpliced(axisIn(integerOf(inputs[1]!), shape.length + 1), 0, 1) }]
}

export const squeeze: Infer = (inputs, attributes) => {
  const shape = shapeAt(inputs, 0)
  const given = integers(attributes, 'squeeze_dims').map((axis) => axisIn(axis, shape.length))
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
  return [
    {
      dtype: dtypeAt(inputs, 0),
      shape: shape.map((dim, axis) => {
        const [from, length] = [begin[axis], size[axis]]
        if (length === undefined) return UNKNOWN
        if (length >= 0) {
          if (dim !== UNKNOWN && from !== undefined && from + length > dim)
            throw new RangeError(`a slice ends at ${from + length} of ${dim}`)
          return length
        }
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
  const dims: number[] = []
  let axis = 0
  const one = (i: number): void => {
    const dim = shape[axis++]!
    if (bit(mask('shrink_axis'), i)) return
    const stride = strides[i]!
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
  const rest = shape.length - (begin.length - fresh - (ellipsis >= 0 ? 1 : 0))
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
  return [{ dtype: dtypeAt(inputs, 0), shape: [...indices.slice(0, -1), ...shape.slice(indices.at(-1)!)] }]
}

/** The sum of updates at their places, in a shape that the third input says. */
export const scatterNd: Infer = (inputs) => [{ dtype: dtypeAt(inputs, 1), shape: shapeFrom(inputs[2]!) }]

export const unsortedSegmentSum: Infer = (inputs) => [
  {
    dtype: dtypeAt(inputs, 0),
    shape: [knownIntegers(inputs[2]!)[0] ?? UNKNOWN, ...shapeAt(inputs, 0).slice(shapeAt(inputs, 1).length)],
  },
]

export const tile: Infer = (inputs) => {
  const repeats = knownIntegers(inputs[1]!)
  return [
    { dtype: dtypeAt(inputs, 0), shape: shapeAt(inputs, 0).map((dim, i) => combined([dim, repeats[i] ?? UNKNOWN], times, 1)) },
  ]
}

/** Before and behind each axis there is more; how much the second input says. */
export const pad: Infer = (inputs) => {
  const more = integersOf(inputs[1]!)
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
  return [{ dtype: dtypeAt(inputs, 2), shape: shape.toSpliced(axis, 0, knownIntegers(inputs[1]!)[0] ?? UNKNOWN) }]
}

export const range: Infer = (inputs) => {
  const [from, to, by] = inputs.slice(0, 3).map((input) => knownIntegers(input)[0])
  const length = from === undefined || to === undefined || by === undefined ? UNKNOWN : Math.max(0, Math.ceil((to - from) / by))
  return [{ dtype: dtypeAt(inputs, 0), shape: [length] }]
}

export const fill: Infer = (inputs) => [{ dtype: dtypeAt(inputs, 1), shape: shapeFrom(inputs[0]!) }]

export const size: Infer = (_, attributes) => [{ dtype: typeIn(attributes, 'out_type', DTYPE.int32), shape: [] }]
