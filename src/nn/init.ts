/** First values of weights: each from the generator of its own name, so that no weight depends on another's presence. */
import { fillUniform } from '../base/random'
import { elements } from '../base/shape'
import { fillTruncatedNormal } from '../base/truncatedNormal'
import type { WeightSpec } from './layer'

/** The values of one weight under a seed, flat. */
export const initialise = ({ shape, init }: WeightSpec, seed: number, name: string): Float32Array => {
  const values = new Float32Array(elements(shape))
  switch (init.kind) {
    case 'zeros':
      return values
    case 'ones':
      return values.fill(1)
    case 'constant':
      return values.fill(init.value)
    case 'uniform':
      return fillUniform(values, (draw) => -init.bound + 2 * init.bound * draw, seed, 'init', name)
    case 'truncatedNormal':
      return fillTruncatedNormal(values, init.std, 2, seed, 'init', name)
  }
}
