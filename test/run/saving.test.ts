/** When a checkpoint is due. */
import { expect, test } from 'vitest'
import { policyOf } from '../../src/run/saving'

const span = { steps: 100, stepsPerEpoch: 10, batch: 8 }
const steps = (due: (done: number) => boolean) => Array.from({ length: 100 }, (_, i) => i + 1).filter(due)

test('without a stage every tenth of the run, of which two are kept', () => {
  const { due, keep, forGood } = policyOf(undefined, span)
  expect(steps(due)).toEqual([10, 20, 30, 40, 50, 60, 70, 80, 90, 100])
  expect(steps(forGood)).toEqual([])
  expect(keep).toBe(2)
})

test('what is kept for good is also written, whatever the period of the others', () => {
  const { due, forGood } = policyOf({ every: () => 40, keep: 1, keepEvery: () => 30 }, span)
  expect(steps(due)).toEqual([30, 40, 60, 80, 90])
  expect(steps(forGood)).toEqual([30, 60, 90])
})

test('a period that rounds to no step is every step', () => {
  expect(steps(policyOf({ every: () => 0, keep: 1, keepEvery: undefined }, span).due)).toHaveLength(100)
})
