/** Types of values as StableHLO writes them. */
import { NotRecordable } from '../../base/engineError'
import { DTYPE, type Dtype, dtypeName } from '../../graph/dtype'
import type { OutputInfo } from '../../graph/operation'

const ELEMENTS: ReadonlyMap<Dtype, string> = new Map<Dtype, string>([
  [DTYPE.float32, 'f32'],
  [DTYPE.bfloat16, 'bf16'],
  [DTYPE.int32, 'i32'],
  [DTYPE.int64, 'i64'],
  [DTYPE.uint8, 'ui8'],
  [DTYPE.bool, 'i1'],
])

/** The type of one number. */
export const elementType = (dtype: Dtype): string => {
  const known = ELEMENTS.get(dtype)
  if (known === undefined) throw new NotRecordable(`XLA is given no values of ${dtypeName(dtype)}`)
  return known
}

/** The type of a tensor. XLA compiles for fixed shapes only. */
export const tensorType = ({ dtype, shape }: OutputInfo): string => {
  if (shape.some((dim) => dim < 0))
    throw new NotRecordable(
      `XLA compiles for fixed shapes, and of [${shape.map((dim) => (dim < 0 ? '?' : dim)).join(', ')}] a dimension is known only when the graph runs`,
    )
  return shape.length === 0 ? `tensor<${elementType(dtype)}>` : `tensor<${shape.join('x')}x${elementType(dtype)}>`
}

export const isFloating = (dtype: Dtype): boolean => dtype === DTYPE.float32 || dtype === DTYPE.bfloat16

/** The largest number of a type, or the smallest: infinite where there is such a number. */
export const extreme = (dtype: Dtype, sign: 1 | -1): number => {
  switch (dtype) {
    case DTYPE.bool:
      return sign > 0 ? 1 : 0
    case DTYPE.uint8:
      return sign > 0 ? 255 : 0
    case DTYPE.int32:
      return sign > 0 ? 2 ** 31 - 1 : -(2 ** 31)
    default:
      return sign * Number.POSITIVE_INFINITY
  }
}
