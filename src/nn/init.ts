/** First values of weights: each from the generator of its own name, so that no weight depends on another's presence. */
import { random } from '../base/random'
import { elements } from '../base/shape'
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
    case 'uniform': {
      const draw = random(seed, 'init', name)
      return values.map(() => draw.between(-init.bound, init.bound))
    }
    case 'truncatedNormal': {
      const draw = random(seed, 'init', name)
      return values.map(() => {
        let x = init.std * draw.normal()
        while (Math.abs(x) > 2) x = init.std * draw.normal()
        return x
      })
    }
  }
}
