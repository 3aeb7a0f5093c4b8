import { expect, test } from 'vitest'
import { expectedRows, secondsOf } from '../../src/run/stepForecast'

const span = { batch: 2, steps: 20, stepsPerEpoch: 2 }
/** Four views of 2 × 2 patches, of which all [CLS] tokens and the hidden patches are used. */
const program = {
  batch: { mask: [4, 4], grid: { height: 2, width: 2 } } as never,
  rows: (mask: Float32Array | undefined) => new Int32Array(4 + (mask?.reduce((sum, one) => sum + one, 0) ?? 0)),
}
const masking = (meaning: (draw: never, grid: never, epoch: number) => Uint8Array) => ({ masking: { meaning } as never })

test('as many rows are expected as masks hide on average over all epochs', () => {
  expect(
    expectedRows(
      masking(() => Uint8Array.of(1, 0, 0, 0)),
      span,
      program,
    ),
  ).toBe(4 + 4)
  expect(
    expectedRows(
      masking((_, __, epoch) => new Uint8Array(4).fill(epoch < 5 ? 0 : 1)),
      span,
      program,
    ),
  ).toBe(4 + 8)
  expect(expectedRows({ masking: undefined }, span, program)).toBe(4)
})

test('arithmetic and memory take their times one after the other', () => {
  expect(secondsOf({ flops: 600e9, moved: 20e9 }, { flops: 200e9, moved: 10e9 })).toBe(5)
})
