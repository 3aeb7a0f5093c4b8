/** Several devices of XLA's plugin for the processor: they share a batch, and learn what one device would. */
import { describe, expect, it } from 'vitest'
import { testEngine } from '../engine'
import { determined, gradientNoise, largestGap, noiseOf } from '../program/invariance'
import { batchFor, type Small, small } from '../program/small'
import { withoutPlugin } from '../xla/plugin'

const STEPS = 20

/**
 * All in which pictures of a batch meet, as each program takes seconds to compile: batch normalisation in the head, assignments by
 * Sinkhorn-Knopp, a centre of the patches, weights by the number of hidden patches; and draws that differ from picture to picture.
 */
const MEETING: Small = { batch: 4, dropPath: 0.4, norm: 'batch', sinkhorn: true }

/** What so many devices learn, what each step reports, and the features of the first one. */
const learnt = async (devices: number) => {
  const engine = await testEngine('xla', { devices })
  expect(engine.devices()).toHaveLength(devices)
  const program = small({ ...MEETING, devices })
  const interpreter = await engine.open(program, program.init(3))
  const reports: Readonly<Record<string, number>>[] = []
  const take = async (step: number) => reports.push(await interpreter.step(batchFor(program, step), program.numbers(step)))
  await take(0)
  // Later ones hold a bias that the batch normalisation takes away again: it is rounding noise.
  const features = interpreter.features()
  for (let step = 1; step < STEPS; step++) await take(step)
  const state = await interpreter.read()
  interpreter.dispose()
  return { reports, state, features }
}

describe.skipIf(withoutPlugin)('steps that devices compute together', () => {
  it('learn what one device learns, from batches and masks that change', async () => {
    const alone = await learnt(1)
    expect(gradientNoise(alone.state, true)).toBeLessThan(noiseOf(true))
    for (const devices of [2, 4]) {
      const { reports, state, features } = await learnt(devices)
      expect(Object.keys(state)).toEqual(Object.keys(alone.state))
      expect(largestGap(determined(state, true), determined(alone.state, true)), `${devices} devices`).toBeLessThan(1e-5)
      expect(largestGap({ features }, { features: alone.features }), `${devices} devices`).toBeLessThan(1e-5)
      for (const [step, { loss }] of alone.reports.entries())
        expect(Math.abs(reports[step]!.loss! - loss!), `step ${step} on ${devices} devices`).toBeLessThan(1e-5 * Math.abs(loss!))
    }
  }, 180_000)
})
