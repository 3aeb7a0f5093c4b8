/** Operations that hold what is there, or keep what was computed. */
import { DTYPE } from '../dtype'
import type { Infer } from './kind'

/** What its attributes say. */
export const stated: Infer = (_, { dtype, shape, value }) => {
  if (value !== undefined && 'tensor' in value) return [{ dtype: value.tensor.dtype, shape: value.tensor.shape }]
  return [
    {
      dtype: dtype !== undefined && 'type' in dtype ? dtype.type : DTYPE.float32,
      shape: shape !== undefined && 'shape' in shape ? shape.shape : [],
    },
  ]
}

export const nothing: Infer = () => []
