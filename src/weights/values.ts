/** Numbers of a weight, and how several become one. */
import { concatenated } from '../base/floats'
import type { Entry } from '../io/dtype'

export interface Values {
  readonly shape: readonly number[]
  readonly data: Float32Array
}

export const valuesOf = ({ shape, data }: Entry): Values => ({
  shape,
  data: data instanceof Float32Array ? data : Float32Array.from(data as ArrayLike<number | bigint>, Number),
})

/** Tensors stacked along the first axis. */
export const stacked = (parts: readonly Values[]): Values => ({
  shape: [parts.reduce((sum, { shape }) => sum + (shape[0] ?? 1), 0), ...parts[0]!.shape.slice(1)],
  data: concatenated(parts.map(({ data }) => data)),
})
