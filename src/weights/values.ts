/** Numbers of a weight, and how several become one. */
import type { Entry } from '../io/dtype'

export interface Values {
  readonly shape: readonly number[]
  readonly data: Float32Array
}

export const valuesOf = ({ shape, data }: Entry): Values => ({
  shape,
  data: data instanceof Float32Array ? data : Float32Array.from(data as ArrayLike<number | bigint>, Number),
})

/** Arrays one after the other. */
export const concatenated = (parts: readonly Float32Array[]): Float32Array => {
  const all = new Float32Array(parts.reduce((sum, { length }) => sum + length, 0))
  let at = 0
  for (const part of parts) {
    all.set(part, at)
    at += part.length
  }
  return all
}

/** Tensors stacked along the first axis. */
export const stacked = (parts: readonly Values[]): Values => ({
  shape: [parts.reduce((sum, { shape }) => sum + (shape[0] ?? 1), 0), ...parts[0]!.shape.slice(1)],
  data: concatenated(parts.map(({ data }) => data)),
})
