import { expect, test } from 'vitest'
import { random } from '../../src/base/random'
import { fillTruncatedNormal } from '../../src/base/truncatedNormal'

/** What the draws are defined as. */
const defined = (count: number, std: number, ...key: (string | number)[]): Float32Array => {
  const draw = random(...key)
  return Float32Array.from({ length: count }, () => {
    let x = std * draw.normal()
    while (Math.abs(x) > 2) x = std * draw.normal()
    return x
  })
}

// Many draws, so that some are decided exactly, and deviations at which many are left out.
test.each([
  [1_000_000, 0.02],
  [200_000, 1],
  [200_000, 3],
  [200_000, 1e-3],
  [1025, 0.02],
  [1, 0.02],
  [0, 0.02],
])('%i draws of deviation %d are to the last bit those made one by one', (count, std) => {
  for (const seed of [0, 1]) {
    const fast = fillTruncatedNormal(new Float32Array(count), std, 2, seed, 'init', 'w')
    expect(Buffer.compare(Buffer.from(fast.buffer), Buffer.from(defined(count, std, seed, 'init', 'w').buffer))).toBe(0)
  }
})
