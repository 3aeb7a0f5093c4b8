/** Members of a run within one process: what they exchange meets in memory. */

import type { Reduction } from '../../src/base/reduction'
import type { Collective } from '../../src/engine/collective'

/** So many members, each to be used by one interpreter. */
export const members = (size: number): readonly Collective[] => {
  interface Asked {
    readonly values: Float32Array
    readonly reduction: Reduction
    readonly done: () => void
  }
  const queues = Array.from({ length: size }, (): Asked[] => [])
  const meet = (): void => {
    while (queues.every(({ length }) => length > 0)) {
      const all = queues.map((queue) => queue.shift()!)
      const [{ values, reduction }] = all as [Asked, ...Asked[]]
      for (const one of all)
        if (one.values.length !== values.length || one.reduction !== reduction)
          throw new Error('members ask for different things')
      const result = values.map((_, i) => {
        const numbers = all.map((one) => one.values[i]!)
        return reduction === 'mean' ? numbers.reduce((a, b) => Math.fround(a + b)) / size : Math.max(...numbers)
      })
      for (const one of all) {
        one.values.set(result)
        one.done()
      }
    }
  }
  return queues.map((queue) => ({
    size,
    allReduce: (values, reduction) =>
      new Promise<void>((resolve) => {
        queue.push({ values, reduction, done: resolve })
        meet()
      }),
  }))
}
